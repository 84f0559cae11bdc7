import type { entry as english } from '../en/entry'

export const entry: Readonly<Record<keyof typeof english, string>> = {
  'entry.name': '名称',
  'entry.name-hint': '字母、数字、点、短横线或下划线；之后不可更改。',
  'entry.exists': '已有同名的条目。',
  'entry.saved': '已保存{noun}“{name}”。',
  'entry.removed': '已删除{noun}“{name}”。',
  'entry.put-back': '{noun}“{name}”已恢复原状。',
  'entry.not-put-back': '{noun}“{name}”无法恢复。',
  'entry.not-saved': '未保存，已输入的内容仍在此处。',
  'entry.not-reached': '没有应答，未保存。已输入的内容仍在此处。',
  'entry.see-below': '请查看标出的字段。',
  'entry.nothing-changed': '没有任何更改。',
  'entry.discard': '放弃更改',
  'entry.restored': '这是你之前输入但尚未保存的内容。',
  'entry.shadowed': '此条目不生效：配置文件中已有同名条目。',
  'entry.gone': '期间有人删除了它。你的内容仍在这里：保存即可重新创建。',
  'entry.theirs': '对方',
  'entry.mine': '你的',
  'entry.take-theirs': '采用对方的',
  'entry.changed': '最后修改于',
}
