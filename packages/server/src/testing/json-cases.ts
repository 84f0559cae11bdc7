/**
 * Texts by the grammar of RFC 8259, of the three kinds that test suites of parsers know. Each is one whole document.
 *
 * y: a parser must take it. n: none may. i: it may do either, but must live.
 */
export interface JsonCase {
  readonly name: string
  readonly kind: 'y' | 'n' | 'i'
  readonly bytes: Buffer
}

/** More levels than any parser that calls itself for each has room for. */
export const manyLevels = 100_000

export function jsonCases(): readonly JsonCase[] {
  const wrapped = (values: readonly string[], what: string): [string, string | Buffer][] => values.flatMap((value) => [[`${what} ${value} alone`, value], [`${what} ${value} in a list`, `[${value}]`], [`${what} ${value} in an object`, `{"a":${value}}`]])
  const inText = (...bytes: number[]): Buffer => Buffer.concat([Buffer.from('["'), Buffer.from(bytes), Buffer.from('"]')])
  const escapes = ['\\"', '\\\\', '\\/', '\\b', '\\f', '\\n', '\\r', '\\t', '\\u0041', '\\u00e9', '\\u2028', '\\uD834\\uDD1E', '\\uFFFF', '\\u0000']
  const takes: [string, string | Buffer][] = [
    ...wrapped(['0', '-0', '-1', '12', '1.5', '-0.001', '1e3', '1E+2', '1e-2', '0e1', '123456789012345678901234567890', '0.1e1', 'true', 'false', 'null', '""', '[]', '{}'], 'value'),
    ...escapes.map((escape): [string, string] => [`escape ${escape}`, `["${escape}"]`]),
    ['blanks around', ' \t\r\n{ "a" : [ 1 , 2 ] }\n'], ['an empty name', '{"":0}'], ['a name with a NUL', '{"\\u0000":0}'], ['the same name twice', '{"a":1,"a":2}'], ['the same name and value twice', '{"a":1,"a":1}'],
    ['a delete character', '["\u007f"]'], ['a line separator as it is', '["\u2028\u2029"]'], ['all planes', '["é日𝄞\u{10ffff}\u{1fffe}"]'], ['no character', '["\uffff"]'], ['a slash in a name', '{"a/b~c":1}'],
    ['a long text', `["${'x'.repeat(10_000)}"]`], ['many values', `[${'0,'.repeat(5_000)}0]`], ['some levels', `${'['.repeat(30)}${']'.repeat(30)}`],
  ]
  const refuses: [string, string | Buffer][] = [
    ...wrapped(['01', '-01', '+1', '.5', '5.', '1.e1', '1e', '1e+', '1eE2', '0x1F', '1_000', '-', '--1', '- 1', '1 2', 'NaN', '-NaN', 'Infinity', '-Infinity', '１', 'True', 'nul', 'tru', 'undefined', "'a'", '`a`', 'a', '\\u0022a\\u0022', '"\\x41"', '"\\u12"', '"\\u{41}"', '"\\a"', '"\\\u0000"', '"\\', '"\\"', '"\t"', '"\n"', '"\u0000"', '"', '"a', '1/*c*/', '1//c', '1#c', '*'], 'what is no value'),
    ['nothing', ''], ['blanks alone', ' '], ['a comma alone', ','], ['a colon alone', ':'],
    ['a list not ended', '['], ['a list not begun', ']'], ['two lists', '[][]'], ['a list too much ended', '[1]]'], ['a list ended as an object', '[1}'], ['a comma at the end', '[1,]'], ['a comma at the start', '[,1]'], ['two commas', '[1,,2]'], ['a colon in a list', '["a":1]'], ['no comma', '[1 true]'], ['a list in halves', '[1,\n1\n,1'],
    ['an object not ended', '{'], ['an object not begun', '}'], ['an object without a value', '{"a":}'], ['an object without a colon', '{"a" 1}'], ['a name without quotes', '{a:1}'], ['a number as a name', '{1:1}'], ['null as a name', '{null:1}'], ['single quotes', "{'a':1}"], ['a comma at its end', '{"a":1,}'], ['two commas in it', '{"a":1,,"b":2}'], ['two colons', '{"a"::1}'], ['a comma for a colon', '{"a",1}'], ['something after it', '{"a":1}x'], ['another after it', '{"a":1}{"a":1}'], ['a comment in it', '{"a":1/**/}'], ['a comment after it', '{"a":1}//'], ['a half of it', '{"a":"b'],
    ['a NUL after it', '{"a":1}\u0000'], ['a NUL before it', '\u0000{}'], ['NULs alone', '\u0000\u0000'], ['another blank', '[\u000c]'], ['a blank of Unicode', '[\u00a0]'], ['a joiner', '[\u2060]'], ['a part of a mark of byte order', Buffer.from([0xef, 0xbb, 0x7b, 0x7d])],
    ['a byte that is no UTF-8, outside of a text', Buffer.from([0x5b, 0xff, 0x5d])], ['an e with its accent as a number', '[é]'],
    ['levels that do not end', '['.repeat(manyLevels)], ['objects that do not end', '{"a":'.repeat(manyLevels)], ['lists and objects that do not end', '[{"":'.repeat(manyLevels / 2)],
    ...[...Array(32).keys()].map((unit): [string, string] => [`control character ${unit} in a text`, `["${String.fromCharCode(unit)}"]`]),
  ]
  const may: [string, string | Buffer][] = [
    ['a high surrogate alone', '["\\uD800"]'], ['a low surrogate alone', '["\\uDFAA"]'], ['surrogates the wrong way round', '["\\uDC00\\uD800"]'], ['a surrogate and an n', '["\\uD800\\n"]'], ['a surrogate as a name', '{"\\uDFAA":0}'],
    ['a surrogate as bytes', inText(0xed, 0xa0, 0x80)], ['an overlong slash', inText(0xc0, 0xaf)], ['an overlong NUL', inText(0xc0, 0x80)], ['six bytes', inText(0xfc, 0x83, 0xbf, 0xbf, 0xbf, 0xbf)], ['beyond Unicode', inText(0xf4, 0x90, 0x80, 0x80)], ['a character cut off', inText(0xe0, 0xff)], ['a continuation alone', inText(0x81)], ['Latin-1', inText(0xe9)], ['a byte that is none', inText(0xff)],
    ['a mark of byte order', Buffer.from('\ufeff{}')], ['UTF-16, little end first', Buffer.from('\ufeff["é"]', 'utf16le')], ['UTF-16 without a mark', Buffer.from('["é"]', 'utf16le')],
    ['a huge exponent', '[1e400]'], ['a huge negative number', '[-1e9999]'], ['a tiny number', '[123e-10000000]'], ['a number of 100,000 digits', `[${'9'.repeat(100_000)}]`], ['an exponent of 1,000 digits', `[0.4e${'6'.repeat(1_000)}]`],
    ['many levels', `${'['.repeat(manyLevels)}${']'.repeat(manyLevels)}`], ['many objects', `${'{"a":'.repeat(manyLevels)}1${'}'.repeat(manyLevels)}`], ['500 levels', `${'['.repeat(500)}${']'.repeat(500)}`],
    ['the prototype of objects', '{"__proto__":{"isAdmin":true}}'], ['the same, written otherwise', '{"\\u005f_proto__":{"isAdmin":true}}'], ['a constructor', '{"constructor":{"prototype":{"isAdmin":true}}}'],
  ]
  const made = (kind: JsonCase['kind'], cases: readonly (readonly [string, string | Buffer])[]): JsonCase[] => cases.map(([name, bytes]) => ({ name: `${kind}: ${name}`, kind, bytes: Buffer.from(bytes) }))
  return [...made('y', takes), ...made('n', refuses), ...made('i', may)]
}
