import GuardedHTTP
import NIOCore
import NIOHTTP1
import StateGateway
import TerraformState
import TestScopes
import Testing

@testable import StateStorage

/// Clients of the gateway that are slow, cut off, guess, or speak HTTP in unusual ways.
@Suite(.timeLimit(.minutes(20))) struct HostileGatewayTests {
    private static let environment = StockTerraformTests.environment

    /// A whole request.
    private func request(
        _ line: String, _ token: String, _ body: String? = nil, version: String = "1.1", _ fields: String...
    ) -> String {
        var head = "\(line) HTTP/\(version)\r\nHost: 127.0.0.1\r\nAuthorization: Bearer \(token)\r\n"
        head += fields.map { "\($0)\r\n" }.joined()
        if let body, !fields.contains(where: { $0.hasPrefix("Transfer-Encoding") }) {
            head += "Content-Length: \(body.utf8.count)\r\n"
        }
        return head + "\r\n" + (body ?? "")
    }

    private func exchange(_ gateway: ListeningGateway, _ text: String) async throws -> String {
        try await RawConnection.with(port: gateway.port, .none) { connection in
            try await connection.send(text)
            return await connection.receiveAll()
        }
    }

    @Test func aPostThatIsCutAnywhereChangesNothing() async throws {
        try await ListeningGateway.with { gateway in
            let token = try await gateway.token()
            #expect(try await gateway.ask("LOCK", token, gatewayLockInfo("one")).status == 200)
            #expect(try await gateway.ask("POST", token, gatewayState(1), query: "?ID=one").status == 200)
            for (serial, framing) in [(2, "Content-Type: application/json"), (3, "Transfer-Encoding: chunked")] {
                let isChunked = framing.hasPrefix("Transfer")
                let body = gatewayState(serial)
                let chunk = "\(String(body.utf8.count, radix: 16))\r\n\(body)\r\n0\r\n\r\n"
                let whole = request("POST \(gateway.path())?ID=one", token, isChunked ? chunk : body, framing)
                _ = try await inParallel(Array(0..<whole.utf8.count), width: 8) { length in
                    let start = String(decoding: Array(whole.utf8.prefix(length)), as: UTF8.self)
                    try await RawConnection.with(port: gateway.port, .none) { connection in
                        try await connection.send(start)
                        if length % 2 == 0 { try await connection.channel.close() } else { connection.endSending() }
                        let answer = await connection.receiveAll()
                        #expect(answer == "" || answer.hasPrefix("HTTP/1.1 400 "), "\(length): \(answer)")
                    }
                }
                let environment = try EnvironmentID(Self.environment)
                #expect(try await gateway.store.pull(environment)?.file.serial == UInt64(serial - 1))
                #expect(try await gateway.store.heldLock(environment)?.id == "one")
                let answer = try await RawConnection.with(port: gateway.port, .none) { connection in
                    try await connection.send(whole)
                    return await connection.receiveAnswer()
                }
                #expect(answer.hasPrefix("HTTP/1.1 200 "), "\(answer)")
                #expect(try await gateway.store.pull(environment)?.file.serial == UInt64(serial))
            }
        }
    }

    @Test func whoIsSlowIsNotWaitedFor() async throws {
        try await ListeningGateway.with { configuration in
            configuration.connections.head = .milliseconds(300)
            configuration.connections.body = .milliseconds(300)
        } _: { gateway in
            let token = try await gateway.token()
            let head = try await exchange(gateway, "GET \(gateway.path()) HTTP/1.1\r\nHost: x\r\n")
            #expect(head.hasPrefix("HTTP/1.1 408 "), "\(head)")
            let body = try await exchange(
                gateway, request("LOCK \(gateway.path())", token, "{", "Transfer-Encoding: chunked"))
            #expect(body == "" || body.hasPrefix("HTTP/1.1 408 ") || body.hasPrefix("HTTP/1.1 400 "), "\(body)")
            let announced = try await exchange(
                gateway,
                "LOCK \(gateway.path()) HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(token)\r\n"
                    + "Content-Length: 60\r\n\r\n{")
            #expect(announced.hasPrefix("HTTP/1.1 408 "), "\(announced)")
            #expect(try await gateway.store.heldLock(EnvironmentID(Self.environment)) == nil)
        }
    }

    @Test func speaksHTTPAsClientsDo() async throws {
        try await ListeningGateway.with {
            $0.stateLimit = 1000
        } _: { gateway in
            let token = try await gateway.token()
            let path = gateway.path()
            let old = try await exchange(gateway, request("GET \(path)", token, version: "1.0"))
            #expect(old.hasPrefix("HTTP/1.0 204 "), "\(old)")

            // One after the other without waiting, the last in a connection that is then closed.
            let pipelined = try await exchange(
                gateway,
                request("LOCK \(path)", token, gatewayLockInfo("one"))
                    + request("POST \(path)?ID=one", token, gatewayState(1))
                    + request("GET \(path)", token, nil, "Connection: close"))
            #expect(pipelined.split(separator: "HTTP/1.1 200 OK").count == 3, "\(pipelined)")
            #expect(pipelined.hasSuffix(gatewayState(1)))

            let expecting = try await RawConnection.with(port: gateway.port, .none) { connection in
                let body = gatewayState(2)
                try await connection.send(
                    "POST \(path)?ID=one HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(token)\r\n"
                        + "Content-Length: \(body.utf8.count)\r\nExpect: 100-continue\r\n\r\n")
                let first = await connection.receive(until: "\r\n\r\n")
                #expect(first.hasPrefix("HTTP/1.1 100 "))
                try await connection.send(body)
                return await connection.receiveAnswer()
            }
            #expect(expecting.hasPrefix("HTTP/1.1 200 "), "\(expecting)")

            let large = String(repeating: " ", count: 1001)
            let announced = try await exchange(
                gateway, request("POST \(path)?ID=one", token, large, "Connection: close"))
            #expect(announced.hasPrefix("HTTP/1.1 413 ") && announced.contains("1000 bytes"), "\(announced)")
            let chunked = try await exchange(
                gateway,
                request(
                    "POST \(path)?ID=one", token, "3e9\r\n\(large)\r\n0\r\n\r\n", "Transfer-Encoding: chunked",
                    "Connection: close"))
            #expect(chunked.hasPrefix("HTTP/1.1 413 "), "\(chunked)")
            let header = "X: " + String(repeating: "x", count: 70_000)
            let headers = try await exchange(gateway, request("GET \(path)", token, nil, header))
            #expect(headers.hasPrefix("HTTP/1.1 431 "), "\(headers)")
            let nonsense = try await exchange(gateway, "nonsense\r\n\r\n")
            #expect(nonsense.hasPrefix("HTTP/1.1 400 "), "\(nonsense)")
            #expect(try await gateway.ask("GET", token).body == gatewayState(2))
        }
    }

    @Test func aConnectionTooManyWaitsForItsTurn() async throws {
        try await ListeningGateway.with {
            $0.connections.connections = 4
        } _: { gateway in
            let token = try await gateway.token()
            let idle = try await RawConnection.idle(4, port: gateway.port)
            async let answer = gateway.ask("GET", token)
            for channel in idle { try await channel.close() }
            #expect(try await answer.status == 204)
        }
    }

    @Test func guessersAreSentAwayAndNobodyElse() async throws {
        let log = RecordedLog()
        try await ListeningGateway.with(record: log.logger) { gateway in
            let token = try await gateway.token()
            var last: ListeningGateway.Answer?
            for number in 0..<30 {
                last = try await gateway.ask("LOCK", token + "\(number)", gatewayLockInfo("guess"))
                if last?.status == 429 { break }
                #expect(last?.status == 404)
            }
            #expect(last?.status == 429)
            let pause = try #require(last?.headers.first(name: "Retry-After").flatMap { Int($0) })
            #expect((1...60).contains(pause))
            #expect(try await gateway.ask("LOCK", token, gatewayLockInfo("one")).status == 200)
            // One that was made since.
            let fresh = try await gateway.token()
            #expect(try await gateway.ask("POST", fresh, gatewayState(1), query: "?ID=one").status == 200)

            let lines = log.lines
            #expect(lines.contains { $0.contains("429") && $0.contains("127.0.0.1") })
            let name = try #require(token.split(separator: "_").dropFirst().first)
            #expect(lines.contains { $0.contains("who=\(name)") && $0.contains("operation=lock") })
            #expect(lines.contains { $0.contains("operation=write") && $0.contains("serial=1") })
            let secrets = [token, fresh].compactMap { $0.split(separator: "_").last.map(String.init) }
            for secret in secrets + ["lineage", "jane@ci"] {
                #expect(!lines.contains { $0.contains(secret) })
            }
        }
    }
}
