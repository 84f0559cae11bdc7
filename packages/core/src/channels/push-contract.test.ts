import { holdToContract } from '../testing/hold-to-contract.ts'

holdToContract('push')
