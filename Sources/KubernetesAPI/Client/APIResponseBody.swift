internal import AsyncHTTPClient
public import NIOCore

/// The body of an answer as it arrives. It can be read once; a body that is dropped unread closes its connection.
///
/// Reading throws ``KubernetesError`` when the connection is lost, and `CancellationError` when the task is cancelled.
public struct APIResponseBody: AsyncSequence, Sendable {
    /// A piece of the body, as it came.
    public typealias Element = ByteBuffer

    private enum Source: Sendable {
        case memory(ByteBuffer)
        case connection(HTTPClientResponse.Body)
    }

    private let source: Source
    /// Which request this answers, for errors.
    let target: String
    private let isRead: Bool

    /// A body that is already here.
    public init(_ bytes: [UInt8]) {
        source = .memory(ByteBuffer(bytes: bytes))
        (target, isRead) = ("", true)
    }

    /// - Parameter isRead: whether the request changes nothing.
    init(_ body: HTTPClientResponse.Body, target: String, isRead: Bool) {
        source = .connection(body)
        (self.target, self.isRead) = (target, isRead)
    }

    public func makeAsyncIterator() -> AsyncIterator {
        switch source {
        case .memory(let buffer): AsyncIterator(source: .memory(buffer), target: target, isRead: isRead)
        case .connection(let body):
            AsyncIterator(source: .connection(body.makeAsyncIterator()), target: target, isRead: isRead)
        }
    }

    /// Reads the body once, from its start.
    public struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate enum Source {
            case memory(ByteBuffer?)
            case connection(HTTPClientResponse.Body.AsyncIterator)
        }

        private var source: Source
        private let target: String
        private let isRead: Bool

        fileprivate init(source: Source, target: String, isRead: Bool) {
            self.source = source
            self.target = target
            self.isRead = isRead
        }

        public mutating func next() async throws -> ByteBuffer? {
            switch source {
            case .memory(let buffer):
                source = .memory(nil)
                return buffer?.readableBytes == 0 ? nil : buffer
            case .connection(var iterator):
                do {
                    let chunk = try await iterator.next()
                    source = .connection(iterator)
                    return chunk
                } catch {
                    throw ConnectionFailure.translated(error, target: target, isRead: isRead)
                }
            }
        }
    }
}
