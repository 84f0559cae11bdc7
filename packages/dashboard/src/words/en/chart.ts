export const chart = {
  'chart.cursor': '{name}: arrow keys read its points',
  'chart.time': 'Time',
  'chart.values': 'Values',
  'chart.as-table': 'As a table',
  'chart.as-lines': 'As lines',
  'chart.spent': 'Spent',
  'chart.usual': 'Usual',
  'chart.forecast': 'Forecast',
  'chart.pace': 'Even pace',
  'chart.unpriced': '◇ {count, plural, one {# call} other {# calls}} without a known price, not counted',
} as const
