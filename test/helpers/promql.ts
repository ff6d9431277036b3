import type { SyntaxNode } from '@lezer/common'
import { parser } from '@prometheus-io/lezer-promql'
import type { Sample } from './metrics.ts'

/** Labels that Prometheus itself puts on what it scrapes. */
const BY_PROMETHEUS: ReadonlySet<string> = new Set(['job', 'instance'])
/** What Prometheus itself makes. */
const OF_PROMETHEUS: ReadonlySet<string> = new Set(['up'])

interface Matcher {
  readonly label: string
  readonly op: string
  readonly value: string
}

/**
 * What is wrong with a query, when it is put to a service that answers these samples: a syntax error, a
 * series that is not there, a label that none of them has. Nothing where it is right.
 */
export function faultsOf(query: string, samples: readonly Sample[]): string[] {
  const { topNode } = parser.parse(query)
  const faults: string[] = []
  for (const node of within(topNode)) {
    if (node.type.isError) faults.push(`no PromQL near ${query.slice(node.from, node.from + 20)}`)
    if (node.name === 'VectorSelector') faults.push(...faultsOfSelector(node, query, samples))
    if (node.name === 'GroupingLabels') faults.push(...faultsOfGrouping(node, query, samples))
  }
  return faults
}

/** The labels that what a query gives can have. */
export function labelsOf(query: string, samples: readonly Sample[]): Set<string> {
  const { topNode } = parser.parse(query)
  const groupings = within(topNode).filter(({ name }) => name === 'GroupingLabels')
  const aggregates = within(topNode).some(({ name }) => name === 'AggregateExpr')
  const named = groupings.flatMap((node) => node.getChildren('LabelName')).map(textIn(query))
  if (aggregates) return new Set(named)
  const series = selectorsIn(topNode).flatMap((node) => matching(node, query, samples))
  return new Set([...BY_PROMETHEUS, ...series.flatMap(({ labels }) => Object.keys(labels))])
}

function faultsOfSelector(node: SyntaxNode, query: string, samples: readonly Sample[]): string[] {
  if (OF_PROMETHEUS.has(nameOf(node, query))) return []
  return matching(node, query, samples).length > 0 ? [] : [`no series: ${textIn(query)(node)}`]
}

/** What is grouped or matched by has to be a label of every series below it. */
function faultsOfGrouping(node: SyntaxNode, query: string, samples: readonly Sample[]): string[] {
  const expression = node.parent?.parent ?? null
  if (expression === null) return [`grouping of nothing: ${query}`]
  const labels = node.getChildren('LabelName').map(textIn(query))
  const own = labels.filter((label) => !BY_PROMETHEUS.has(label))
  return selectorsIn(expression).flatMap((selector) =>
    matching(selector, query, samples).flatMap((sample) =>
      own
        .filter((label) => !(label in sample.labels))
        .map((label) => `${sample.name} has no label ${label}`),
    ),
  )
}

function selectorsIn(node: SyntaxNode): SyntaxNode[] {
  return within(node).filter(({ name }) => name === 'VectorSelector')
}

/** The samples that a selector gives, whatever Prometheus has put on them. */
function matching(node: SyntaxNode, query: string, samples: readonly Sample[]): Sample[] {
  const matchers = matchersOf(node, query).filter(({ label }) => !BY_PROMETHEUS.has(label))
  const name = nameOf(node, query)
  return samples.filter((sample) => sample.name === name && matchers.every(isMetBy(sample)))
}

function isMetBy({ labels }: Sample): (matcher: Matcher) => boolean {
  return ({ label, op, value }) => {
    const own = labels[label]
    // Prometheus takes a label that is not there for an empty one; here it is a mistake.
    if (own === undefined) return false
    const isMet = op.endsWith('~') ? new RegExp(`^(?:${value})$`).test(own) : own === value
    return op.startsWith('!') ? !isMet : isMet
  }
}

function matchersOf(node: SyntaxNode, query: string): Matcher[] {
  const text = textIn(query)
  const matchers = node.getChild('LabelMatchers')?.getChildren('UnquotedLabelMatcher') ?? []
  return matchers.map((matcher) => ({
    label: textOfChild(matcher, 'LabelName', text),
    op: textOfChild(matcher, 'MatchOp', text),
    value: String(JSON.parse(textOfChild(matcher, 'StringLiteral', text))),
  }))
}

function nameOf(node: SyntaxNode, query: string): string {
  return textOfChild(node, 'Identifier', textIn(query))
}

function textOfChild(node: SyntaxNode, name: string, text: (node: SyntaxNode) => string): string {
  const child = node.getChild(name)
  if (child === null) throw new Error(`${node.name} without ${name}`)
  return text(child)
}

function textIn(query: string): (node: SyntaxNode) => string {
  return ({ from, to }) => query.slice(from, to)
}

/** A node and all below it. */
function within(node: SyntaxNode): SyntaxNode[] {
  const nodes = [node]
  for (let child = node.firstChild; child !== null; child = child.nextSibling) {
    nodes.push(...within(child))
  }
  return nodes
}
