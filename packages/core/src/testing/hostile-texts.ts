/**
 * Pieces that are bad for finders when nothing but them stands in a text: each begins something, again and again, and never
 * ends it. Redaction is to cost no more than the length of such a text, see `model/redact.test.ts` and `npm run yardstick -- redaction`.
 */
export const hostileFragments: readonly string[] = [
  'a', 'aA1', '1', '1 ', '-', '-----BEGIN RSA PRIVATE KEY-----\n', '-----END PRIVATE KEY-----', 'a@', 'a.', 'http://a:', '1:', 'key=', 'password ', 'password="', "pass='${", '"\'', 'eyJ', 'eyJhbGciOi.', '/a',
  'QUJD+/=', '\n', ' ', '_a', '😀', '\0', 'bearer ', '1.1.', '+1(', 'token: "x', 'GB82 ', 'sk-', 'pa-', 'eyJ-', 'ZXlK-', 'xoxp-1-', 'sk-ant-xxxxxxxx-', 'EAA1', 'S1234567', '12 ', 'bc1q', '1A', 'mac 00:', 'passport ',
  'cookie: a=', 'secret,', '密码：', '[REDACTED:', '[REDACTED:token:0a1b2c3d]', 'curl -u ', 'token=[', 'secret: .', 'phone 1', '4242 ', '{key}:',
]
