/** What this browser keeps of a person's choices. Nothing secret: scripts of this origin can read it. */
type Choice = 'locale' | 'timezone' | 'theme' | 'keys' | 'project' | 'start-hidden'

const nameOf = (choice: Choice): string => `tocsin-${choice}`

export function kept(choice: Choice): string | undefined {
  try {
    return localStorage.getItem(nameOf(choice)) ?? undefined
  } catch {
    // A browser that keeps nothing.
    return undefined
  }
}

export function keep(choice: Choice, value: string): void {
  try {
    localStorage.setItem(nameOf(choice), value)
  } catch {
    // It holds until the page is left.
  }
}
