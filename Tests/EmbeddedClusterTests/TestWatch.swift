import AsyncHTTPClient
@testable import EmbeddedCluster
import KubernetesAPI
import NIOCore
import NIOHTTP1
import OrderedJSON

/// A watch of a test cluster, read line by line.
struct TestWatch {
    let status: Int
    let contentType: String?
    private var iterator: HTTPClientResponse.Body.AsyncIterator
    private var read = ByteBuffer()

    init(_ response: HTTPClientResponse) {
        status = Int(response.status.code)
        contentType = response.headers.first(name: "Content-Type")
        iterator = response.body.makeAsyncIterator()
    }

    /// The next line; nil at the end.
    mutating func line() async throws -> String? {
        while true {
            if let end = read.readableBytesView.firstIndex(of: UInt8(ascii: "\n")) {
                let line = read.readString(length: end - read.readerIndex)
                read.moveReaderIndex(forwardBy: 1)
                return line
            }
            guard var part = try await iterator.next() else { return nil }
            read.writeBuffer(&part)
        }
    }

    mutating func event() async throws -> JSON? { try await line().map { try JSON(parsing: $0) } }

    /// The next events, each as its type and the name of its object.
    mutating func events(_ count: Int) async throws -> [String] {
        var events: [String] = []
        while events.count < count, let event = try await event() { events.append(Self.summary(event)) }
        return events
    }

    /// All events to the end.
    mutating func rest() async throws -> [String] { try await events(.max) }

    private static func summary(_ event: JSON) -> String {
        "\(event["type"]?.string ?? "") \(event["object"]?.objectName ?? "")"
    }
}

extension TestCluster {
    func watch(
        _ path: String, as sender: Sender = .administrator, headers: [String: String] = [:]
    ) async throws -> TestWatch {
        TestWatch(try await client.execute(request("GET", path, as: sender, headers: headers), timeout: .minutes(5)))
    }
}
