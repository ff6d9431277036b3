import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** Between the client's FIN and the first look after it. Most answers have left by then. */
const FIRST_LOOK_MS = 250

/**
 * Tells a client that has left from one that only sends no more: both have sent a FIN. While an
 * answer is due, an interim one (102, RFC 9110, 15.2) is sent ahead of it: a client that waits skips
 * it, one that has left has its kernel answer RST, at which the next write destroys the socket.
 * HTTP/1.0 knows no interim answers, so there nobody is found to have left.
 *
 * Looked for at 250 ms, 500 ms, and then each time after twice as long: some clients take several
 * interim answers for an error.
 *
 * @param answerDue - the answer that the client has to get next
 */
export function watchDeparture(socket: Socket, answerDue: () => ServerResponse | undefined): void {
  let waitedMs = 0
  let before = answerDue()
  let timer: NodeJS.Timeout
  const lookAgain = (): void => {
    const delayMs = Math.max(FIRST_LOOK_MS, waitedMs)
    timer = setTimeout(look, delayMs)
    waitedMs += delayMs
  }
  const look = (): void => {
    const answer = answerDue()
    if (answer === undefined) return
    // Answers that follow each other find out by themselves.
    const isSlow = answer === before && !answer.headersSent
    if (isSlow && answer.req.httpVersion === '1.1') answer.writeProcessing()
    before = answer
    lookAgain()
  }
  lookAgain()
  socket.once('close', () => {
    clearTimeout(timer)
  })
}
