@testable import EmbeddedCluster
import TestScopes
import Testing

private let secrets = "/api/v1/namespaces/default/secrets"
private let secret = #"{"metadata":{"name":"a"}}"#

/// Requests that bend or break HTTP.
@Suite(.timeLimit(.minutes(20))) struct HostileHTTPTests {
    @Test(arguments: [
        "\r\n\r\n\r\nnonsense\r\n\r\n", "GET\r\n\r\n", "GET /version HTTP/9.9\r\n\r\n", "BREW /pot HTTP/1.1\r\n\r\n",
        "GET /version HTTP/1.1\r\nHost: x\r\nbroken\r\n\r\n", "GET /version HTTP/1.1\r\n: x\r\n\r\n",
        "GET /version HTTP/1.1\r\nX: a\0b\r\n\r\n", "GET /a b HTTP/1.1\r\n\r\n", "\0\0\0\0\0\0\0\0\r\n\r\n",
        "POST /version HTTP/1.1\r\nContent-Length: -1\r\n\r\n", "POST /version HTTP/1.1\r\nContent-Length: x\r\n\r\n",
        "POST /version HTTP/1.1\r\nContent-Length: 99999999999999999999999\r\n\r\n",
        "POST /version HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx",
        "POST /version HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST /version HTTP/1.1\r\nTransfer-Encoding: chunked, identity\r\n\r\nx",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ])
    func whatIsNoHTTPIsRefused(request: String) async throws {
        try await withTestCluster { cluster in
            let answer = try await cluster.exchange(request)
            #expect(answer.hasPrefix("HTTP/1.1 400 Bad Request\r\n"), "\(answer)")
            #expect(answer.hasSuffix("\r\n\r\n400 Bad Request"))
            #expect(try await cluster.goesOn())
        }
    }

    @Test func headsOverTheLimitAreRefused() async throws {
        try await withTestCluster { cluster in
            let long = String(repeating: "x", count: 300 << 10)
            for request in [
                "GET /version?\(long) HTTP/1.1\r\n\r\n", "GET /version HTTP/1.1\r\nX: \(long)\r\n\r\n",
                "GET /version HTTP/1.1\r\n" + (0..<2000).map { "X-\($0): x\r\n" }.joined() + "\r\n", long,
            ] {
                let answer = try await cluster.exchange(request)
                let isRefused =
                    answer.hasPrefix("HTTP/1.1 431 Request Header Fields Too Large\r\n")
                    || answer.hasPrefix("HTTP/1.1 400 ")
                #expect(isRefused, "\(request.prefix(30)): \(answer.prefix(100))")
            }
            #expect(try await cluster.goesOn())
        }
    }

    @Test func whatIsSentTogetherIsAnsweredInOrder() async throws {
        try await withTestCluster { cluster in
            let count = 20
            let requests = (0..<count).map { number in
                let body = #"{"metadata":{"name":"s\#(number)"}}"#
                return cluster.head(
                    "POST \(secrets) HTTP/1.1", "Content-Type: application/json",
                    "Content-Length: \(body.utf8.count)") + "\r\n" + body
            }
            try await cluster.withConnection { connection in
                try await connection.send(requests.joined() + "nonsense\r\n\r\n")
                for number in 0..<count {
                    let answer = await connection.receiveAnswer()
                    #expect(answer.hasPrefix("HTTP/1.1 201 "))
                    #expect(answer.contains(#""name":"s\#(number)""#))
                }
                // What follows does not stand between the answers.
                let rest = await connection.receiveAll()
                #expect(rest == "" || rest.hasPrefix("HTTP/1.1 400 "))
            }
            #expect(try await cluster.goesOn(secrets: count))
        }
    }

    @Test func anOldClientGetsAnAnswerThatItUnderstands() async throws {
        try await withTestCluster { cluster in
            for number in 0..<3 {
                try await cluster.store.add(
                    "s\(number)", namespace: "default", value: String(repeating: "x", count: 1 << 20))
            }
            for target in ["/version", secrets] {
                let answer = try await cluster.exchange(cluster.head("GET \(target) HTTP/1.0") + "\r\n")
                #expect(answer.hasPrefix("HTTP/1.0 200 OK\r\n"))
                #expect(answer.contains("\r\nConnection: close\r\n"))
                #expect(!answer.lowercased().contains("transfer-encoding"))
                #expect(answer.hasSuffix("}\n") || answer.hasSuffix("}"))
            }
        }
    }

    @Test func aClientThatWantsNoMoreIsNotKept() async throws {
        try await withTestCluster { cluster in
            let answer = try await cluster.exchange(
                "GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\nGET / HTTP/1.1\r\n\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 200 "))
            #expect(answer.hasSuffix("\r\n\r\nok"))
        }
    }

    @Test func theTargetMayNameTheServer() async throws {
        try await withTestCluster { cluster in
            for target in ["https://127.0.0.1\(secrets)", "http://other.example:80\(secrets)?limit=1"] {
                try await cluster.withConnection { connection in
                    try await connection.send(cluster.head("GET \(target) HTTP/1.1") + "\r\n")
                    let answer = await connection.receiveAnswer()
                    #expect(answer.contains(#""kind":"SecretList""#), "\(answer)")
                }
            }
        }
    }

    @Test(arguments: ["OPTIONS", "TRACE", "PROPFIND", "CONNECT"]) func otherMethodsAreNotAllowed(method: String)
        async throws
    {
        try await withTestCluster { cluster in
            try await cluster.withConnection { connection in
                try await connection.send(cluster.head("\(method) \(secrets) HTTP/1.1", "Connection: close") + "\r\n")
                let answer = await connection.receiveAll()
                #expect(answer.hasPrefix("HTTP/1.1 40"), "\(answer)")
            }
            #expect(try await cluster.goesOn())
        }
    }

    @Test func aHeadRequestHasNoBody() async throws {
        try await withTestCluster { cluster in
            let answer = try await cluster.exchange(
                cluster.head("HEAD \(secrets) HTTP/1.1", "Connection: close") + "\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(answer.hasSuffix("\r\n\r\n"))
        }
    }

    @Test func aClientThatAsksFirstIsToldToGoOn() async throws {
        try await withTestCluster { cluster in
            try await cluster.withConnection { connection in
                try await connection.send(
                    cluster.head(
                        "POST \(secrets) HTTP/1.1", "Content-Type: application/json", "Expect: 100-continue",
                        "Content-Length: \(secret.utf8.count)") + "\r\n")
                let go = await connection.receive(until: "\r\n\r\n")
                #expect(go == "HTTP/1.1 100 Continue\r\n\r\n")
                try await connection.send(secret)
                let created = await connection.receiveAnswer()
                #expect(created.hasPrefix("HTTP/1.1 201 "))
                // One who asks for too much is told so before it sends anything.
                try await connection.send(
                    cluster.head(
                        "POST \(secrets) HTTP/1.1", "Content-Type: application/json", "Expect: 100-continue",
                        "Content-Length: 3145729") + "\r\n")
                let refused = await connection.receiveAll()
                #expect(refused.hasPrefix("HTTP/1.1 413 "))
            }
        }
    }

    @Test func aLengthThatIsTooShortIsNotMoreThanItSays() async throws {
        try await withTestCluster { cluster in
            let answer = try await cluster.exchange(
                cluster.head(
                    "POST \(secrets) HTTP/1.1", "Content-Type: application/json",
                    "Content-Length: \(secret.utf8.count)") + "\r\n" + secret + "garbage\r\n\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 201 "))
            #expect(try await cluster.goesOn(secrets: 1))
        }
    }

    @Test func aBodyOfUnknownLengthIsLimitedToo() async throws {
        try await withTestCluster { cluster in
            let head = cluster.head(
                "POST \(secrets) HTTP/1.1", "Content-Type: application/json", "Transfer-Encoding: chunked")
            let chunk = String(repeating: " ", count: 1 << 20)
            let large = try await cluster.withConnection { connection in
                try await connection.send(head + "\r\n")
                for _ in 0..<4 {
                    // The server may have closed by then.
                    try? await connection.send("\(String(chunk.utf8.count, radix: 16))\r\n\(chunk)\r\n")
                }
                return await connection.receiveAll()
            }
            #expect(large.hasPrefix("HTTP/1.1 413 "), "\(large)")
            let broken = try await cluster.exchange(head + "\r\nxyz\r\n")
            #expect(broken.hasPrefix("HTTP/1.1 400 "), "\(broken)")
            #expect(try await cluster.goesOn())
        }
    }

    @Test func aBodyThatSaysItIsTooLargeIsNotWaitedFor() async throws {
        try await withTestCluster { cluster in
            let answer = try await cluster.exchange(
                cluster.head(
                    "POST \(secrets) HTTP/1.1", "Content-Type: application/json",
                    "Content-Length: 1000000000000") + "\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 413 "))
            #expect(answer.contains("Request entity too large: limit is 3145728"))
        }
    }
}
