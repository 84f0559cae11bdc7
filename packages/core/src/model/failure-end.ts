/**
 * How a session ended badly where no call of it failed.
 *
 * loop       it made the same tool call, or the same two, over and over
 * relay      two agents handed over to each other, back and forth
 * guardrail  a guardrail stopped it
 * refused    the last answer was refused or filtered
 * cut        the last answer was cut short at its length limit
 * empty      the last answer was empty
 * budget     the reason given says that money or tokens had run out
 * steps      the reason given says that it had made as many steps as it may
 * own        none of these: the program itself gave up
 */
export const failureEnds = ['loop', 'relay', 'guardrail', 'refused', 'cut', 'empty', 'budget', 'steps', 'own'] as const
export type FailureEnd = (typeof failureEnds)[number]
