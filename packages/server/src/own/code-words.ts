/** What the message with a code says, in the languages that there are; any other is answered in English. */
export const codeWords = {
  en: { title: (code: string) => `Tocsin code: ${code}`, body: (minutes: number) => `Enter it within ${minutes} minutes to show that this address is yours. If you asked for none, ignore this message.` },
  'zh-CN': { title: (code: string) => `Tocsin 验证码：${code}`, body: (minutes: number) => `请在 ${minutes} 分钟内输入，以确认此地址属于你。如非本人操作，请忽略此消息。` },
} as const
