/** The core of `gensyn settle deploy`. */
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { deployAll, deploymentPlan, type GameLimits, prepareAll } from '../../../src/chain/deploy.js';
import { type Deployments, writeDeployments } from '../../../src/chain/deployments.js';
import { fail } from '../../../src/errors/index.js';
import { makeFolder } from '../../../src/files/atomic-file.js';
import type { Action } from '../../context.js';
import type { DeployOptions } from '../../settle/client.js';
import { openConnection } from '../chain-access.js';
import { facts } from '../table.js';
import { deploymentsFile, senderOf } from './access.js';
import { agree, declined, dryRunOutcome } from './stake.js';
import { ether, span } from './text.js';

export const deploy: Action<DeployOptions> = async (options, invocation) => {
  const connection = await openConnection(options, invocation);
  const { chainId } = connection;
  const path = deploymentsFile(options.deployments, chainId);
  if (existsSync(path) && options.force !== true) throw fail('market.already-deployed', { path, chain: chainId });
  const { minClock, minWindow, solverGas, challengerGas, burnPercent } = options;
  const limits: GameLimits = { minClock, minWindow, solverGas, challengerGas, burnPercent };
  const sender = await senderOf(connection, options, invocation);
  const plan = deploymentPlan(limits);
  invocation.progress.phase('simulating the deployment');
  const prepared = await prepareAll(connection, sender, plan);
  const calls = prepared.map(({ call }) => call);
  const cost = calls.reduce((sum, { largestCost }) => sum + largestCost, 0n);
  const rows = [...limitRows(limits), ['chain', String(chainId)], ['cost', `at most ${ether(cost)}`]] as const;
  if (!(await agree(invocation, options, `Deploy the contracts on chain ${chainId}?`, rows))) return declined();
  if (options.dryRun === true) return dryRunOutcome(calls, rows, { chainId, limits });
  await makeFolder(dirname(path));
  const deployments = await deployAll(connection, sender, plan);
  await writeDeployments(path, deployments);
  return {
    result: { state: 'sent', chainId, limits, contracts: deployments.contracts, deployments: path },
    text: facts([...contractRows(deployments), ...limitRows(limits), ['recorded in', path]]),
    next: 'gensyn settle post <job> --reward <ether>',
  };
};

function contractRows({ contracts }: Deployments): readonly (readonly [string, string])[] {
  return Object.entries(contracts).map(([name, { address, txHash }]) => [name, `${address}  (${txHash})`]);
}

function limitRows(limits: GameLimits): readonly (readonly [string, string])[] {
  return [
    ['shortest clock', span(limits.minClock)],
    ['shortest window', span(limits.minWindow)],
    ['gas of a game', `solver at most ${limits.solverGas}, challenger at most ${limits.challengerGas}`],
    ['burnt', `${limits.burnPercent} % of a slashed bond`],
  ];
}
