// Who may import whom (docs/architecture.md). One row per folder; anything not listed is an error.
const INSTANCE = ['instance', 'interface', 'neighbor', 'packet', 'lsdb', 'lsa', 'wire'];
const BELOW_SERVER = [...INSTANCE, 'neighbor-discovery', 'server-cost'];
const BELOW_ROUTER = [...INSTANCE, 'neighbor-discovery', 'spf', 'anycast'];
const ROLES = ['server', 'router', ...new Set([...BELOW_SERVER, ...BELOW_ROUTER])];
const MAY_IMPORT = {
  wire: [],
  lsa: ['wire'],
  lsdb: ['lsa', 'wire'],
  packet: ['lsa', 'wire'],
  neighbor: ['packet', 'lsdb', 'lsa', 'wire'],
  interface: ['neighbor', 'packet', 'lsdb', 'lsa', 'wire'],
  instance: ['interface', 'neighbor', 'packet', 'lsdb', 'lsa', 'wire'],
  spf: ['lsdb', 'lsa', 'wire'],
  'server-cost': [],
  'neighbor-discovery': ['wire'],
  anycast: ['wire'],
  server: BELOW_SERVER,
  router: BELOW_ROUTER,
  sim: ROLES,
  host: ROLES,
  control: ['host', ...ROLES],
  demo: ['host', 'sim', ...ROLES],
  cli: ['control', 'demo', 'host', 'sim', ...ROLES],
};
const OUTSIDE = 'host|control|demo|cli';
const CORE = Object.keys(MAY_IMPORT)
  .filter((folder) => !OUTSIDE.split('|').includes(folder))
  .join('|');
const only = (name, pkg, home) => ({
  name,
  severity: 'error',
  from: { path: '^src/', pathNot: home },
  to: { path: `node_modules/${pkg}/` },
});
module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    ...Object.entries(MAY_IMPORT).map(([folder, may]) => ({
      name: `${folder}-may-import`,
      severity: 'error',
      from: { path: `^src/${folder}/` },
      to: {
        path: '^src/',
        pathNot: `^src/((errors|machine|prng)\\.ts$|types/|(${[folder, ...may].join('|')})/)`,
      },
    })),
    {
      name: 'core-is-sans-io',
      severity: 'error',
      from: { path: `^src/((${CORE})/|errors\\.ts|machine\\.ts|prng\\.ts)` },
      to: { dependencyTypes: ['core'] },
    },
    only('buffer-layout-lives-in-wire', 'buffer-layout', '^src/wire/record\\.ts$'),
    only('ip-address-lives-in-wire-and-cli', 'ip-address', '^src/(wire/address\\.ts$|cli/)'),
    only('eventemitter3-lives-outside-the-core', 'eventemitter3', `^src/(${OUTSIDE})/`),
    only('pino-lives-outside-the-core', 'pino', `^src/(${OUTSIDE})/`),
    only('koffi-lives-outside-the-core', 'koffi', `^src/(${OUTSIDE})/`),
    { name: 'not-to-test', severity: 'error', from: { path: '^src/' }, to: { path: '^test/' } },
    {
      name: 'no-orphans',
      severity: 'error',
      from: { orphan: true, pathNot: '(\\.d\\.ts$|^src/(index|cli/main)\\.ts$)' },
      to: {},
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
  },
};
