internal import TerraformState

/// Inflates the parts of a state as they come, and remembers how large each was.
struct PartInflation: ~Copyable {
    private let limit: Int
    private var stream: GzipInflation
    private var fault: GzipError?
    /// Of the payload of each part, in bytes.
    private(set) var sizes: [Int] = []

    init(_ configuration: StateStoreConfiguration) {
        limit = configuration.inflationLimit
        stream = GzipInflation(limit: limit)
    }

    var payloadSize: Int { sizes.reduce(0, +) }

    /// Whether all was good so far and more must follow.
    var isCutOff: Bool { fault == nil && !sizes.contains(0) && !stream.isWhole }

    /// - Parameter count: of all parts, where that is known.
    mutating func append(_ payload: [UInt8], expecting count: Int = 1) {
        sizes.append(payload.count)
        guard fault == nil, !payload.isEmpty else { return }
        do throws(GzipError) {
            try stream.append(payload)
        } catch {
            fault = error
        }
        // Parts inflate to much the same size each; room that is not used is never touched.
        if count > 1, sizes.count == 1 { stream.reserve(stream.count * (count + count / 2 + 1)) }
    }

    /// The first part that is too many, where the parts before it are a whole gzip and it does not go on with one.
    var surplus: Int? {
        guard let fault, fault.code == .trailingBytes else { return nil }
        var end = 0
        for (index, size) in sizes.enumerated() {
            if end == fault.offset { return index }
            end += size
        }
        return nil
    }

    /// The state's bytes, once.
    mutating func finish() throws(GzipError) -> [UInt8] {
        if let fault { throw fault }
        do throws(GzipError) {
            return try stream.finish()
        } catch {
            // What is only cut off may go on.
            if error.code == .trailingBytes { fault = error }
            throw error
        }
    }
}
