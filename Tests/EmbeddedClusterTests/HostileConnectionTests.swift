@testable import EmbeddedCluster
import GuardedHTTP
import NIOCore
import NIOSSL
import OrderedJSON
import TestScopes
import Testing

private let secrets = "/api/v1/namespaces/default/secrets"

/// Clients that are slow, silent, or speak something else.
@Suite(.timeLimit(.minutes(20))) struct HostileConnectionTests {
    @Test func plainHTTPIsToldThatThisIsTLS() async throws {
        try await withTestCluster { cluster in
            let answer = try await cluster.withConnection(.none) { connection in
                try await connection.send("GET /version HTTP/1.1\r\nHost: x\r\n\r\n")
                return await connection.receiveAll()
            }
            #expect(
                answer == "HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n")
            #expect(try await cluster.goesOn())
        }
    }

    @Test(arguments: [TLSVersion.tlsv1, .tlsv11]) func oldTLSIsRefused(version: TLSVersion) async throws {
        try await withTestCluster { cluster in
            let answer = try? await cluster.withConnection(.tls(version)) { connection in
                try await connection.send("GET /version HTTP/1.1\r\nHost: x\r\n\r\n")
                return await connection.receiveAll()
            }
            #expect(answer ?? "" == "")
            let newer = try await cluster.withConnection(.tls(.tlsv12)) { connection in
                try await connection.send("GET /version HTTP/1.1\r\nHost: x\r\n\r\n")
                return await connection.receiveAnswer()
            }
            #expect(newer.hasPrefix("HTTP/1.1 200"))
        }
    }

    @Test(arguments: [[], [0x16], [0x16, 0x03, 0x01, 0x02, 0x00, 0x01], Array("ssh-2.0\n".utf8)] as [[UInt8]])
    func aHandshakeThatDoesNotEndIsEnded(bytes: [UInt8]) async throws {
        var limits = ConnectionLimits()
        limits.handshake = .seconds(1)
        try await withTestCluster(limits: limits) { cluster in
            let answer = try await cluster.withConnection(.none) { connection in
                try await connection.send(bytes)
                return await connection.receiveAll().utf8.count
            }
            // At most an alert of TLS.
            #expect(answer < 20)
            #expect(try await cluster.goesOn())
        }
    }

    @Test func aHeadThatDoesNotEndIsEnded() async throws {
        var limits = ConnectionLimits()
        limits.head = .milliseconds(300)
        try await withTestCluster(limits: limits) { cluster in
            let answer = try await cluster.withConnection { connection in
                try await connection.send("GET /version HTTP/1.1\r\n")
                for number in 0..<5 { try await connection.send("X-\(number): x\r\n") }
                return await connection.receiveAll()
            }
            #expect(answer.hasPrefix("HTTP/1.1 408 Request Timeout\r\n"))
            #expect(try await cluster.goesOn())
        }
    }

    @Test func aBodyThatDoesNotEndIsEnded() async throws {
        var limits = ConnectionLimits()
        limits.body = .milliseconds(300)
        try await withTestCluster(limits: limits) { cluster in
            for framing in ["Content-Length: 100", "Transfer-Encoding: chunked"] {
                let answer = try await cluster.exchange(
                    cluster.head("POST \(secrets) HTTP/1.1", "Content-Type: application/json", framing)
                        + "\r\n8\r\n{\"metada")
                #expect(answer.hasPrefix("HTTP/1.1 504 "), "\(framing): \(answer)")
                #expect(answer.contains("\r\nConnection: close\r\n"))
                #expect(
                    answer.hasSuffix(
                        #""message":"Timeout: request did not complete within requested timeout","#
                            + #""reason":"Timeout","details":{},"code":504}"# + "\n"))
            }
            #expect(try await cluster.goesOn())
        }
    }

    @Test func aBodyThatStopsHalfWayChangesNothing() async throws {
        try await withTestCluster { cluster in
            let half =
                cluster.head("POST \(secrets) HTTP/1.1", "Content-Type: application/json", "Content-Length: 100")
                + "\r\n{\"metadata\":{\"name\":\"a\"}}"
            let answer = try await cluster.withConnection { connection in
                try await connection.send(half)
                connection.endSending()
                return await connection.receiveAll()
            }
            #expect(answer == "" || answer.hasPrefix("HTTP/1.1 400 ") && answer.contains("unexpected EOF"))
            // One who is gone altogether.
            try await cluster.withConnection { connection in
                try await connection.send(half)
                try await connection.channel.close()
            }
            #expect(try await cluster.goesOn())
        }
    }

    @Test func whoNeverStopsSendingAfterTheAnswerIsLeft() async throws {
        var limits = ConnectionLimits()
        limits.lingering = .milliseconds(20)
        try await withTestCluster(limits: limits) { cluster in
            try await cluster.withConnection { connection in
                try await connection.send(
                    cluster.head("POST /nowhere HTTP/1.1", "Content-Length: \(1 << 40)") + "\r\n")
                let line = await connection.receive(until: "\r\n")
                #expect(line.hasPrefix("HTTP/1.1 4"), "\(line)")
                while connection.channel.isActive { try await connection.send("x") }
            }
            #expect(try await cluster.goesOn())
        }
    }

    @Test func aReaderThatDoesNotReadIsLeft() async throws {
        var limits = ConnectionLimits()
        limits.stalledWrite = .milliseconds(500)
        limits.connections = 1
        try await withTestCluster(limits: limits) { cluster in
            for number in 0..<30 {
                try await cluster.store.add(
                    "s\(number)", namespace: "default", value: String(repeating: "x", count: 1 << 20))
            }
            try await cluster.withConnection { connection in
                try await connection.send(cluster.head("GET \(secrets) HTTP/1.1") + "\r\n")
                let line = await connection.receive(until: "\r\n")
                #expect(line.hasPrefix("HTTP/1.1 200 "))
                // The only place is free when the server has given up.
                #expect(try await cluster.send("GET", "/version").status == 200)
                let rest = await connection.receiveAll().utf8.count
                #expect(rest < 25 << 20)
            }
            // Nothing large: that might wait for a busy machine's test as long as for one that does not read.
            #expect(try await cluster.send("GET", "/version").status == 200)
        }
    }

    @Test func othersAreServedBesideAThousandIdleConnections() async throws {
        _ = OpenFiles.raiseLimit()
        var limits = ConnectionLimits()
        limits.handshake = .seconds(600)
        try await withTestCluster(limits: limits) { cluster in
            let idle = try await cluster.openIdleConnections(1000)
            for number in 0..<3 {
                #expect(
                    try await cluster.send("POST", secrets, ["metadata": ["name": .string("s\(number)")]]).status == 201
                )
            }
            #expect(try await cluster.goesOn(secrets: 3))
            for channel in idle { channel.close(promise: nil) }
        }
    }

    @Test func aConnectionTooManyWaitsForItsTurn() async throws {
        var limits = ConnectionLimits()
        limits.connections = 4
        try await withTestCluster(limits: limits) { cluster in
            let idle = try await cluster.openIdleConnections(4)
            async let answer = cluster.send("GET", "/version")
            for channel in idle { try await channel.close() }
            #expect(try await answer.status == 200)
        }
    }
}
