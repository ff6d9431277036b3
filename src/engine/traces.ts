import type { BatchObservation } from './group-commit-options.ts'
import type { TransactionObservation } from './observer.ts'

/** Names a span, as W3C Trace Context does. */
export interface SpanReference {
  /** 32 hexadecimal digits. */
  readonly traceId: string
  /** 16 hexadecimal digits. */
  readonly spanId: string
  /** Bit 0: whether the span is recorded. */
  readonly traceFlags: number
}

/** Follows a command for whoever asked for it. Times are in milliseconds by `performance.now`. */
export interface CommandTrace {
  /** The span of who asked. */
  readonly span: SpanReference
  /** The command has come into a batch; it may come into another one later, if that puts it off. */
  readonly onTaken: (batch: SpanReference, arrivedAt: number, takenAt: number) => void
}

/** Follows a batch, and leads from it to those whose commands it has. */
export interface BatchTrace {
  readonly onTaken: (command: CommandTrace, arrivedAt: number) => void
  /** A try at it, or at a part of it, has ended. */
  readonly onTransaction: (transaction: TransactionObservation) => void
  readonly onEnded: (batch: BatchObservation) => void
}
