/** For `<input type="datetime-local">`: an instant as the clock of this browser shows it, `2026-11-23T14:02`; empty where there is none. */
export function localTextOf(instant: string | number): string {
  const date = new Date(instant)
  if (instant === '' || Number.isNaN(date.getTime())) return ''
  const two = (value: number): string => String(value).padStart(2, '0')
  return `${String(date.getFullYear()).padStart(4, '0')}-${two(date.getMonth() + 1)}-${two(date.getDate())}T${two(date.getHours())}:${two(date.getMinutes())}`
}

/** The instant that was typed there, with its zone; what is no time stays as it is, for the server to say so. */
export function instantOf(text: string): string {
  const date = new Date(text)
  return text === '' || Number.isNaN(date.getTime()) ? text : date.toISOString()
}
