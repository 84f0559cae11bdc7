import { admin } from './admin'
import { alerts } from './alerts'
import { budget } from './budget'
import { channels } from './channels'
import { chart } from './chart'
import { entry } from './entry'
import { frame } from './frame'
import { me } from './me'
import { message } from './message'
import { overview } from './overview'
import { people } from './people'
import { problems } from './problems'
import { routing } from './routing'
import { rows } from './rows'
import { rules } from './rules'
import { sessions } from './sessions'
import { silences } from './silences'
import { start } from './start'
import { told } from './told'
import { templates } from './templates'

/** Every word of the pages in English. An area of the pages is a file; its words begin with its name. */
export const words = {
  ...admin,
  ...alerts,
  ...budget,
  ...channels,
  ...chart,
  ...entry,
  ...frame,
  ...me,
  ...message,
  ...overview,
  ...people,
  ...problems,
  ...routing,
  ...rows,
  ...rules,
  ...sessions,
  ...silences,
  ...start,
  ...told,
  ...templates,
} as const
