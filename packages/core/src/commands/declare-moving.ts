import type { Command } from 'commander'
import { backup, eraseData, exportData, migrate, restore } from './moving.ts'
import type { Report } from './report.ts'

/** Commands that move, keep and erase what an installation of the server holds. */
export function declareMoving(program: Command, print: (report: Report, options: { readonly json?: true }) => void, progress: (text: string) => void): void {
  const inPlace = (command: Command): Command =>
    command
      .option('--data <folder>', 'folder of the database and of secret.key', './data')
      .option('--database-url <url>', 'PostgreSQL in place of SQLite, such as postgres://tocsin@localhost/tocsin')
      .option('--allow-insecure-database', 'speak to a PostgreSQL elsewhere without TLS')
      .option('--json', 'print JSON')

  inPlace(program.command('migrate').description('move an installation between SQLite and PostgreSQL while it is in use'))
    .requiredOption('--from <place>', 'sqlite, postgres, a folder or an address')
    .requiredOption('--to <place>', 'the same; it must be empty')
    .action(async (options: Parameters<typeof migrate>[0] & { json?: true }) => print(await migrate(options, process.env, progress), options))

  inPlace(program.command('backup').description('write an installation into one file while it is in use; without the key of its secrets').argument('<file>', 'file to write'))
    .action(async (file: string, options: Parameters<typeof backup>[1] & { json?: true }) => print(await backup(file, options, process.env, progress), options))

  inPlace(program.command('restore').description('bring an installation back from a backup, into an empty place').argument('[file]', 'a file that backup has written'))
    .option('--hold', 'send nothing until restore --resume')
    .option('--resume', 'go on sending after restore --hold; without a file')
    .action(async (file: string | undefined, options: Parameters<typeof restore>[1] & { json?: true }) => print(await restore(file, options, process.env, progress), options))

  const data = program.command('data').description('what is kept about somebody')
  const aboutSomebody = (command: Command): Command =>
    inPlace(command)
      .option('--person <name>', 'somebody who is told, by their name in the configuration')
      .option('--user <id>', 'somebody for whom an agent works: user of its events')
      .option('--project <name>', 'project; that of the configuration')
      .option('--config <file>', 'configuration file; tocsin.yaml where there is one')

  aboutSomebody(data.command('export').description('write all of it to a file, one JSON object a line'))
    .requiredOption('--out <file>', 'file to write; never overwritten')
    .action(async (options: Parameters<typeof exportData>[0] & { json?: true }) => print(await exportData(options, process.env, progress), options))

  aboutSomebody(data.command('erase').description('erase it: addresses, letters, what was said; pending messages are not sent'))
    .action(async (options: Parameters<typeof eraseData>[0] & { json?: true }) => print(await eraseData(options, process.env, progress), options))
}
