import { LISTS, type ListName } from '../arrange/lists.ts'
import { runOf, type Run, type Scenario } from './model.ts'

const TIMES = 300

/** Any page of any list, where there is little and where there is much. */
export const PAGES: Scenario = {
  name: 'pages',
  title: `Pages of lists, one client: median of the slowest page, 1 and ${TIMES} times the rows`,
  metric: 'medianMs',
  inChart: false,
  runs: (Object.keys(LISTS) as ListName[]).flatMap((list) => [
    { ...pagesOf(list, 1), id: `${list}/few`, label: list, database: 'lists_few' },
    {
      ...pagesOf(list, TIMES),
      ...{ id: `${list}/many`, label: `${list}, ${TIMES} ×`, database: 'lists_many' },
    },
  ]),
}

function pagesOf(list: ListName, listsTimes: number): Run {
  const run = runOf('service', { events: 1, listsTimes, isKept: true })
  return { ...run, ask: 'page', list, clients: 1, expectedStatuses: [200] }
}
