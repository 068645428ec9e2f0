import { readFileSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { getAddress } from 'viem';
import { deploy, deployAll, deploymentPlan } from '../../src/chain/deploy.js';
import {
  constructorArguments,
  type Deployments,
  deploymentsPath,
  parseDeployments,
  readDeployments,
  useDeployment,
  writeDeployments,
} from '../../src/chain/deployments.js';
import { LOCAL_LIMITS } from '../../src/chain/devnet.js';
import { isGensynError } from '../../src/errors/index.js';
import { temporaryFolder } from '../run/support/temporary-folder.js';
import { failureOf, localChain } from './support/local-chain.js';

const chain = localChain();
const folder = temporaryFolder();
let deployed: Deployments;
const signer = '0x0000000000000000000000000000000000000bad';

beforeAll(async () => {
  deployed = await deployAll(chain.connection, await chain.sender(0), deploymentPlan(LOCAL_LIMITS));
});

const parse = (document: unknown) => parseDeployments(Buffer.from(JSON.stringify(document)), 'record.json');
/** The record with another field of its contract. */
const altered = (fields: object): Deployments => ({
  ...deployed,
  contracts: { ...deployed.contracts, Referee: { ...deployed.contracts.Referee!, ...fields } },
});
const use = (record: Deployments) => useDeployment(chain.connection, record, 'Referee', 'record.json');

describe('a record of deployments', () => {
  test('comes back as it was written', async () => {
    const path = folder.path('31337.json');
    await writeDeployments(path, deployed);
    expect(await readDeployments(path)).toEqual(deployed);
    expect(readFileSync(path, 'utf8').endsWith('}\n')).toBe(true);
    expect(deploymentsPath('deployments', 31337).endsWith('31337.json')).toBe(true);
  });

  test('leads to the contract', async () => {
    expect(await use(deployed)).toEqual(deployed.contracts.Referee);
    const game = await useDeployment(chain.connection, deployed, 'Game', 'record.json');
    expect(game).toEqual(deployed.contracts.Game);
  });

  test('that lies about the arguments of a constructor is found out', async () => {
    const game = deployed.contracts.Game!;
    const args = `0x${game.args.slice(2, -2)}01` as const;
    const record = { ...deployed, contracts: { Game: { ...game, args } } };
    const error = await failureOf(useDeployment(chain.connection, record, 'Game', 'record.json'));
    expect(error.code).toBe('chain.deployment-mismatch');
  });

  test('with a game that asks another referee is found out', async () => {
    const { connection } = chain;
    const foreign = await deploy(connection, await chain.sender(0), 'Game', [signer, LOCAL_LIMITS]);
    const record = { ...deployed, contracts: { ...deployed.contracts, Game: foreign } };
    const error = await failureOf(useDeployment(connection, record, 'Game', 'record.json'));
    expect([error.code, error.data['what'], error.data['have']]).toEqual([
      'chain.deployment-mismatch',
      'its Referee',
      signer,
    ]);
    expect(constructorArguments('Game', foreign, 'record.json')).toEqual([getAddress(signer), LOCAL_LIMITS]);
    const broken = { ...foreign, args: '0x01' } as const;
    expect(() => constructorArguments('Game', broken, 'record.json')).toThrow('not those of its constructor');
  });

  test('of another chain, or without the contract, leads nowhere', async () => {
    expect((await failureOf(use({ ...deployed, chainId: 1 }))).code).toBe('chain.wrong-chain');
    expect((await failureOf(use({ ...deployed, contracts: {} }))).code).toBe('chain.no-deployment');
  });

  test('cannot pass another contract off as ours', async () => {
    const impostor = '0x00000000000000000000000000000000000bad00';
    await chain.ask('anvil_setCode', impostor, '0x00');
    const codeHash = '0xbc36789e7a1e281436464229828f817d6612f7b477d66591ff96a9e064bcc98a';
    for (const fields of [
      { address: impostor },
      { address: impostor, codeHash },
      { address: '0x00000000000000000000000000000000000bad01' },
      { codeHash },
      { abiHash: codeHash },
    ]) {
      const error = await failureOf(use(altered(fields)));
      expect([error.code, error.exitCode]).toEqual(['chain.deployment-mismatch', 6]);
      expect(error.data['have']).not.toBe(error.data['want']);
    }
  });

  test.each([
    ['another schema', { schema: 'gensyn.deployments/2' }],
    ['no chain', { chainId: 0 }],
    ['a name for a path', { contracts: { '../x': {} } }],
    ['a further field', { more: 1 }],
  ])('with %s is refused', async (_, fields) => {
    const attempt = (async () => parse({ ...deployed, ...fields }))();
    expect((await failureOf(attempt)).code).toBe('chain.deployments-invalid');
  });

  test('keeps what is unknown to this release out', () => {
    const contracts = { ...deployed.contracts, Later: deployed.contracts.Referee };
    expect(parse({ ...deployed, contracts }).contracts).toEqual(deployed.contracts);
  });

  test('that is too large is not read', async () => {
    const path = folder.path('large.json');
    writeFileSync(path, Buffer.alloc(70_000, ' '));
    expect((await failureOf(readDeployments(path))).code).toBe('chain.deployments-invalid');
  });

  test('of random text ends in an error of the catalogue, or in a record', () => {
    const text = JSON.stringify(deployed);
    const damaged = fc
      .tuple(fc.nat(text.length - 1), fc.string({ maxLength: 3 }), fc.nat(9))
      .map(([at, insert, removed]) => `${text.slice(0, at)}${insert}${text.slice(at + removed)}`);
    const read = (content: string): void => {
      try {
        const record = parseDeployments(Buffer.from(content), 'record.json');
        expect(Object.keys(record.contracts).every((name) => ['Referee', 'Game'].includes(name))).toBe(true);
      } catch (error) {
        if (!isGensynError(error, 'chain.deployments-invalid')) throw error;
      }
    };
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json(), damaged), read), { numRuns: 2000 });
    for (const content of ['{"__proto__":1}', '{"schema":"a","schema":"b"}', '[', '['.repeat(1000)]) {
      expect(() => parseDeployments(Buffer.from(content), 'record.json')).toThrow();
    }
  });
});
