import type { Answer } from '../../api/ask'

export type Overview = Answer<'/api/v1/overview'>
