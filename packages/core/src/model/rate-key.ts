/**
 * How the keys of those rates begin that belong to one project: those of its channels and of the addresses on them. All others may be shared, such as
 * those of a person who is told of several projects.
 */
export const channelRateStart = 'channel:'
export const addressRateStart = 'address:'
