import type { ApiKeyRecord } from '../../domain/api-key.ts'
import { API_KEY_COLUMNS, apiKeyOf, type ApiKeyRow } from '../api-key-rows.ts'
import { pageOf, type Page, type ReadSql } from './page.ts'

export interface ApiKeyQuery {
  readonly tenantId: string
  /** The id of the key before the page; empty for the first. */
  readonly afterId: string
  readonly limit: number
}

/** Reads a page of a tenant's keys, by their ids; also of those that let nobody in any more. */
export async function listApiKeys(sql: ReadSql, query: ApiKeyQuery): Promise<Page<ApiKeyRecord>> {
  const rows = await sql.$queryRaw<ApiKeyRow[]>`
    SELECT ${API_KEY_COLUMNS} FROM api_keys
    WHERE tenant_id = ${query.tenantId}::text AND id > ${query.afterId}::text
    ORDER BY tenant_id, id LIMIT ${query.limit + 1}::int`
  const page = pageOf(rows, query.limit, ({ id }) => [id])
  return { rows: page.rows.map(apiKeyOf), next: page.next }
}

/** Reads a page of all tenants' keys, or of one's, by tenant and id, for an operator. */
export async function listAllApiKeys(
  sql: ReadSql,
  { tenantId, after, limit }: OperatorQuery,
): Promise<Page<ApiKeyRecord>> {
  const rows = await sql.$queryRaw<ApiKeyRow[]>`
    SELECT ${API_KEY_COLUMNS} FROM api_keys
    WHERE (tenant_id, id) > (${after[0]}::text, ${after[1]}::text)
      AND (${tenantId}::text IS NULL OR tenant_id = ${tenantId}::text)
    ORDER BY tenant_id, id LIMIT ${limit + 1}::int`
  const page = pageOf(rows, limit, ({ tenant_id, id }) => [tenant_id, id])
  return { rows: page.rows.map(apiKeyOf), next: page.next }
}

export interface OperatorQuery {
  /** Null for all tenants. */
  readonly tenantId: string | null
  /** The tenant and the id of the key before the page. */
  readonly after: readonly [tenantId: string, id: string]
  readonly limit: number
}
