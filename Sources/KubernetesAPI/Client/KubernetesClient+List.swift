internal import NIOCore
public import OrderedJSON

extension KubernetesClient {
    /// The objects of a kind, page by page as they are asked for.
    ///
    /// - Parameters:
    ///   - namespace: nil for kinds of the whole cluster, and for all namespaces.
    ///   - labelSelector: such as `a=b,!c`; nil for all objects.
    ///   - limit: objects a page; nil asks for all of them at once.
    ///   - metadataOnly: asks for `kind`, `apiVersion` and `metadata` of each object and nothing else of it.
    public func list(
        _ kind: ResourceKind, namespace: String?, labelSelector: String? = nil, limit: Int? = nil,
        metadataOnly: Bool = false
    ) -> ObjectList {
        ObjectList(
            client: self, kind: kind, namespace: namespace, labelSelector: labelSelector, limit: limit,
            metadataOnly: metadataOnly)
    }
}

extension KubernetesClient {
    /// How long the answer to a list is, in bytes. It is counted as it arrives, and not kept.
    ///
    /// - Parameter limit: of objects; nil for all of them.
    /// - Throws: ``KubernetesError``.
    public func listedBytes(
        _ kind: ResourceKind, namespace: String?, labelSelector: String, limit: Int? = nil
    ) async throws -> Int {
        var request = try request(.get, kind, namespace)
        request.path += "?labelSelector=\(labelSelector.queryEncoded)" + (limit.map { "&limit=\($0)" } ?? "")
        request.headers = [("Accept", "application/json")]
        return try await whole(request) { response in
            guard response.status == 200 else {
                throw KubernetesError(
                    answer: response, body: try await response.collect(upTo: 65536), target: target(request))
            }
            var bytes = 0
            for try await chunk in response.body { bytes += chunk.readableBytes }
            return bytes
        }.content
    }
}

/// A list that is fetched while it is iterated, one page at a time. Each iteration lists anew.
///
/// Iterating throws ``KubernetesError``; ``KubernetesError/Code/expired`` when the cluster has forgotten, between two pages,
/// what the list began with.
public struct ObjectList: AsyncSequence, Sendable {
    /// An object of the list, as the API gave it.
    public typealias Element = JSON

    let client: KubernetesClient
    let kind: ResourceKind
    let namespace: String?
    let labelSelector: String?
    let limit: Int?
    let metadataOnly: Bool

    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(list: self) }

    /// All objects at once.
    public func all() async throws -> [JSON] {
        var objects: [JSON] = []
        for try await object in self { objects.append(object) }
        return objects
    }

    /// Asks for a page when the one before it is used up.
    public struct AsyncIterator: AsyncIteratorProtocol {
        let list: ObjectList
        private var page: ArraySlice<JSON> = []
        private var next: Next = .page(continue: nil)

        private enum Next {
            case page(continue: String?)
            case end
        }

        init(list: ObjectList) { self.list = list }

        public mutating func next() async throws -> JSON? {
            while page.isEmpty {
                guard case .page(let token) = next else { return nil }
                let (items, following) = try await list.page(continue: token)
                page = items[...]
                next = following.map { .page(continue: $0) } ?? .end
            }
            return page.popFirst()
        }
    }

    private static let metadataType =
        "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json"

    private func page(continue token: String?) async throws -> (items: [JSON], continue: String?) {
        var request = try client.request(.get, kind, namespace)
        let query = [
            ("labelSelector", labelSelector), ("limit", limit.map { String($0) }), ("continue", token),
        ].compactMap { name, value in value.map { "\(name)=\($0.queryEncoded)" } }
        if !query.isEmpty { request.path += "?\(query.joined(separator: "&"))" }
        request.headers = [("Accept", metadataOnly ? Self.metadataType : "application/json")]
        let answer = try await client.json(request, limit: KubernetesClient.pageLimit)
        guard let items = answer["items"], let objects = items.array ?? (items.isNull ? [] : nil) else {
            throw KubernetesError(.badResponse, target: client.target(request), cause: "the answer is not a list")
        }
        let following = answer["metadata"]?["continue"]?.string
        return (objects, following?.isEmpty == true ? nil : following)
    }
}

extension String {
    /// For a value of a query: all but RFC 3986's unreserved characters is percent-encoded.
    var queryEncoded: String {
        var encoded: [UInt8] = []
        let digits = Array("0123456789ABCDEF".utf8)
        for byte in utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                encoded.append(byte)
            default: encoded.append(contentsOf: [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]])
            }
        }
        return String(decoding: encoded, as: UTF8.self)
    }
}
