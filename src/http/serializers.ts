import {
  SerializerSelector,
  type Serializer,
  type SerializerCompiler,
  type SerializerFactory,
} from '@fastify/fast-json-stringify-compiler'

/**
 * The framework's own way to compile what writes answers, but for schemas that are alike, which have one
 * serializer: nearly all answers of a route are errors, and those of all routes have the same two schemas.
 */
export function createSerializerBuilder(): SerializerFactory {
  const build = SerializerSelector()
  const compilers = new Map<string, SerializerCompiler>()
  return (named, options) => {
    const key = JSON.stringify(named)
    const compiler = compilers.get(key) ?? oncePerSchema(build(named, options))
    compilers.set(key, compiler)
    return compiler
  }
}

function oncePerSchema(compile: SerializerCompiler): SerializerCompiler {
  const serializers = new Map<string, Serializer>()
  return (answer) => {
    const key = JSON.stringify(answer.schema)
    const serializer = serializers.get(key) ?? compile(answer)
    serializers.set(key, serializer)
    return serializer
  }
}
