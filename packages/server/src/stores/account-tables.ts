import { organization } from 'better-auth/plugins/organization'

/**
 * How better-auth's tables are named here, and what is kept in them beside its own. One organisation stands for one project (its `slug`
 * is the project's name), and a member's `role` is a `Role` of the core.
 */
export const accountTables = {
  user: {
    modelName: 'server_users',
    additionalFields: {
      /** Owns the installation: every project, those to come too. */
      owner: { type: 'boolean', required: false, defaultValue: false, input: false },
    },
  },
  session: { modelName: 'server_sessions' },
  account: { modelName: 'server_accounts' },
  verification: { modelName: 'server_verifications' },
  plugins: [
    organization({
      schema: {
        organization: { modelName: 'server_organizations' },
        member: { modelName: 'server_members' },
        invitation: {
          modelName: 'server_invitations',
          // Its id is shown in lists, so it cannot be the secret too.
          additionalFields: { tokenHash: { type: 'string', required: true, unique: true, input: false, returned: false } },
        },
      },
    }),
  ],
} as const
