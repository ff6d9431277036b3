/** One line that names the variable and its rule; carries no secret. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError'
}
