export const rows = {
  'rows.select': 'Select',
  'rows.select-all': 'Select all that are loaded',
  'rows.new': '{count, plural, one {# new} other {# new}}',
  'rows.new-many': '{count}+ new',
  'rows.chosen': '{count, plural, one {# selected} other {# selected}}',
  'rows.choose-none': 'Select none',
} as const
