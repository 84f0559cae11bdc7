import type { rows as english } from '../en/rows'

export const rows: Readonly<Record<keyof typeof english, string>> = {
  'rows.select': '选择',
  'rows.select-all': '选择已加载的全部',
  'rows.new': '{count} 条新内容',
  'rows.new-many': '{count}+ 条新内容',
  'rows.chosen': '已选 {count} 项',
  'rows.choose-none': '取消选择',
}
