import { serve } from '../child-side.ts'
import type { LoadJob } from './job.ts'
import { runLoad } from './run-load.ts'

// The process of a load generator. Nobody but the benchmark talks to it, so a job is a job.
serve((job) => runLoad(job as LoadJob))
