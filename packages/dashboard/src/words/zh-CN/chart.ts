import type { chart as english } from '../en/chart'

export const chart: Readonly<Record<keyof typeof english, string>> = {
  'chart.cursor': '{name}：用方向键逐点读取',
  'chart.time': '时间',
  'chart.values': '数值',
  'chart.as-table': '显示为表格',
  'chart.as-lines': '显示为曲线',
  'chart.spent': '已花费',
  'chart.usual': '通常',
  'chart.forecast': '预测',
  'chart.pace': '匀速',
  'chart.unpriced': '◇ {count} 次调用价格未知，未计入',
}
