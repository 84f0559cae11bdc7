/** A place in the order of a key, as it was written when a walk stopped there; none where a text is not one, which begins anew. */
export function placeOf(text: string, columns: number): readonly (string | number)[] | undefined {
  if (text === '') return undefined
  try {
    const place: unknown = JSON.parse(text)
    return isPlace(place) && place.length === columns ? place : undefined
  } catch (noPlace) {
    if (noPlace instanceof SyntaxError) return undefined
    throw noPlace
  }
}

function isPlace(value: unknown): value is readonly (string | number)[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string' || typeof one === 'number')
}
