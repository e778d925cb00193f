//! The push interface's description (`OpenAPI` 3.1), from the national tables.

use serde_json::{Map, Value, json};
use sluss_schemas::region::REGIONS;
use sluss_schemas::table::{Table, Tables};

use crate::push;

/// The description of the interface for these tables.
pub fn description(tables: &Tables) -> Value {
    let mut paths = Map::new();
    let mut schemas = Map::from_iter([("Problem".to_owned(), problem()), ("Answer".to_owned(), answer())]);
    schemas.insert("Event".to_owned(), event());
    for table in push::own_tables(tables) {
        paths.insert(format!("/v1/regions/{{lanskod}}/{}", table.name), hand_in(table));
        let mut row = table.row_schema();
        if let Some(row) = row.as_object_mut() {
            // It is the whole document's.
            row.remove("$schema");
        }
        schemas.insert(table.name.clone(), row);
    }
    paths.insert("/v1/receipts/{run}".to_owned(), receipts());
    let keys =
        plain("De öppna nycklar som kvittons signaturer prövas med, den nyaste först.", "application/x-pem-file");
    paths.insert("/v1/receipt-keys".to_owned(), keys);
    paths.insert("/v1/events".to_owned(), events());
    paths.insert("/v1/schemas/{table}.json".to_owned(), row_schemas());
    paths.insert("/v1/openapi.json".to_owned(), plain("Den här beskrivningen.", "application/json"));
    paths.insert("/healthz".to_owned(), plain("Tar mottagaren emot?", "application/json"));
    json!({
        "openapi": "3.1.1",
        "info": {
            "title": "Sluss: lämna in till det nationella registret",
            "version": "1",
            "description": "En regions eget system lämnar rader i de nationella tabellernas egna kolumner. \
                            Varje leverans prövas som en fil prövas, och får ett kvitto.",
            "license": { "name": "EUPL-1.2", "identifier": "EUPL-1.2" },
        },
        "servers": [{ "url": "/" }],
        "security": [{ "token": [] }, { "certificate": [] }],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": {
                "Accepted": {
                    "description": "Leveransen är mottagen. `state` säger hur långt den har kommit.",
                    "headers": {
                        "Location": { "description": "Kvittot.", "schema": { "type": "string" } },
                        "Sluss-Signature": {
                            "description": "Signatur över svarets innehåll: `key=1; ed25519=<base64>`. Finns när leveransen \
                                            är prövad och mottagaren har en nyckel.",
                            "schema": { "type": "string" },
                        },
                    },
                    "content": {
                        "application/json": { "schema": { "$ref": "#/components/schemas/Answer" } },
                        "text/plain": { "schema": { "type": "string" } },
                    },
                },
                "Problem": {
                    "description": "Något är fel: vad, och vad som ska göras (RFC 9457).",
                    "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } },
                },
            },
            "securitySchemes": {
                "token": { "type": "http", "scheme": "bearer" },
                "certificate": { "type": "mutualTLS" },
            },
        },
    })
}

/// The description as the text of its file.
pub fn text() -> String {
    format!("{:#}\n", description(&Tables::national()))
}

fn hand_in(table: &Table) -> Value {
    let row = json!({ "$ref": format!("#/components/schemas/{}", table.name) });
    let mut content = Map::new();
    for media in push::own_media() {
        let schema = match media {
            "application/json" => json!({ "type": "array", "items": row }),
            "application/x-ndjson" | "text/csv" => json!({ "type": "string" }),
            // Bytes have no schema.
            _ => json!({}),
        };
        content.insert(media.to_owned(), json!({ "schema": schema }));
    }
    let header = |name: &str, description: &str| json!({ "name": name, "in": "header", "description": description, "schema": { "type": "string" } });
    let problem = json!({ "$ref": "#/components/responses/Problem" });
    let mut responses = Map::from_iter([("202".to_owned(), json!({ "$ref": "#/components/responses/Accepted" }))]);
    for status in [400, 401, 403, 404, 409, 413, 415, 422, 429, 500, 503] {
        responses.insert(status.to_string(), problem.clone());
    }
    json!({
        "post": {
            "operationId": format!("lamna_{}", table.name),
            "summary": format!("Lämna rader till {}", table.name),
            "description": table.meaning,
            "parameters": [
                {
                    "name": "lanskod", "in": "path", "required": true,
                    "description": "Regionen som raderna tillhör.",
                    "schema": { "type": "string", "enum": REGIONS.iter().map(|r| r.lanskod).collect::<Vec<_>>() },
                },
                header("Idempotency-Key", "Leveransens egen nyckel: samma nyckel och innehåll är samma leverans."),
                header("Prefer", "`respond-async` svarar genast; `wait=20` väntar så många sekunder på körningen."),
                header("Accept-Language", "`en` ger engelska."),
                header("Content-Encoding", "`gzip`, om leveransen är packad."),
            ],
            "requestBody": { "required": true, "content": content },
            "responses": responses,
        },
    })
}

fn receipts() -> Value {
    json!({
        "get": {
            "operationId": "kvitto",
            "summary": "Kvittot på en leverans",
            "parameters": [{
                "name": "run", "in": "path", "required": true,
                "description": "Körningens id, som svaret på leveransen säger det.",
                "schema": { "type": "string", "format": "uuid" },
            }],
            "responses": {
                "200": { "$ref": "#/components/responses/Accepted" },
                "202": { "$ref": "#/components/responses/Accepted" },
                "401": { "$ref": "#/components/responses/Problem" },
                "404": { "$ref": "#/components/responses/Problem" },
                "422": { "$ref": "#/components/responses/Problem" },
                "503": { "$ref": "#/components/responses/Problem" },
            },
        },
    })
}

fn events() -> Value {
    let number = |name: &str, description: &str, least: u32, most: Option<u32>, usual: u32| {
        let mut schema = json!({ "type": "integer", "minimum": least, "default": usual });
        if let (Some(schema), Some(most)) = (schema.as_object_mut(), most) {
            schema.insert("maximum".to_owned(), most.into());
        }
        json!({ "name": name, "in": "query", "required": false, "description": description, "schema": schema })
    };
    let problem = json!({ "$ref": "#/components/responses/Problem" });
    let mut responses = Map::from_iter([(
        "200".to_owned(),
        json!({
            "description": "Händelserna i nummerordning.",
            "content": { "application/json": { "schema": {
                "type": "object",
                "required": ["events", "next", "more"],
                "properties": {
                    "events": { "type": "array", "items": { "$ref": "#/components/schemas/Event" } },
                    "next": { "type": "integer", "description": "Skicka det som `after` nästa gång." },
                    "more": { "type": "boolean", "description": "Det finns fler redan nu." },
                },
            } } },
        }),
    )]);
    for status in [400, 401, 429, 500, 503] {
        responses.insert(status.to_string(), problem.clone());
    }
    json!({
        "get": {
            "operationId": "handelser",
            "summary": "Vad som har ändrats i registret",
            "description": "Varje ny, ändrad, rättad eller avslutad rad en gång, i ordning. En region ser sina egna \
                            händelser; en läsare för hela landet (länskod 00) ser alla. Inget nummer tillkommer \
                            någonsin före ett som har lästs.",
            "parameters": [
                number("after", "Händelser med högre nummer än så.", 0, None, 0),
                number("limit", "Högst så många.", 1, Some(1000), 100),
                number("wait", "Finns ingen: vänta så många sekunder på den första.", 0, Some(60), 0),
            ],
            "responses": responses,
        },
    })
}

fn event() -> Value {
    json!({
        "type": "object",
        "required": ["no", "table", "key", "kind", "owner", "seq", "recorded", "run"],
        "properties": {
            "no": { "type": "integer", "description": "Händelsens nummer." },
            "table": { "type": "string" },
            "key": { "type": "object", "description": "Nyckelns kolumner. Inga andra värden lämnas." },
            "kind": { "type": "string", "enum": ["new", "changed", "corrected", "ended"] },
            "owner": { "type": "string", "description": "Vems rad det är." },
            "seq": { "type": "integer", "description": "Publiceringens nummer." },
            "recorded": { "type": "string", "format": "date-time", "description": "När registret fick veta det." },
            "run": { "type": "string", "description": "Körningen som publicerade." },
        },
    })
}

fn row_schemas() -> Value {
    json!({
        "get": {
            "operationId": "schema",
            "summary": "En tabells rader som JSON Schema",
            "security": [],
            "parameters": [{
                "name": "table", "in": "path", "required": true,
                "description": "Tabellens namn.",
                "schema": { "type": "string" },
            }],
            "responses": {
                "200": {
                    "description": "Schemat.",
                    "content": { "application/schema+json": { "schema": { "type": "object" } } },
                },
                "404": { "$ref": "#/components/responses/Problem" },
            },
        },
    })
}

fn plain(description: &str, media: &str) -> Value {
    json!({
        "get": {
            "summary": description,
            "security": [],
            "responses": { "200": { "description": description, "content": { media: { "schema": { "type": "object" } } } } },
        },
    })
}

fn problem() -> Value {
    json!({
        "type": "object",
        "required": ["type", "title", "status", "detail", "hint"],
        "properties": {
            "type": { "type": "string", "description": "Vilket slags fel, för program." },
            "title": { "type": "string" },
            "status": { "type": "integer" },
            "detail": { "type": "string", "description": "Vad som är fel, aldrig med ett värde ur leveransen." },
            "hint": { "type": "string", "description": "Nästa steg." },
            "run": { "type": "string", "description": "Körningen, om det blev någon." },
            "instance": { "type": "string" },
        },
    })
}

fn answer() -> Value {
    json!({
        "type": "object",
        "required": ["run", "state", "receipt", "report"],
        "properties": {
            "run": { "type": "string", "description": "Körningens id." },
            "state": {
                "type": "string",
                "enum": ["running", "done", "held", "tested"],
                "description": "Pågår; publicerad; hålls tills en människa har sett på den; bara prövad.",
            },
            "receipt": { "type": "string", "description": "Var kvittot finns." },
            "report": {
                "type": ["object", "null"],
                "description": "Vad som blev av raderna: antal, och för varje regel var den bröts. Aldrig värden.",
            },
        },
    })
}
