/** The loss of a language model in the numbers that people compare. */

export interface LanguageMetrics {
  /** Bits for each token: the loss divided by ln 2. */
  readonly bitsPerToken: number;
  /** e to the loss: among how many equally likely tokens the model is as unsure. */
  readonly perplexity: number;
}

/** @param loss - mean cross-entropy of a token, in nats */
export function languageMetrics(loss: number): LanguageMetrics {
  return { bitsPerToken: loss / Math.LN2, perplexity: Math.exp(loss) };
}
