internal import SystemPackage

/// Files of a few kilobytes, such as tokens, certificates and kubeconfigs, read whole.
enum SmallFile {
    struct Failure: Error, CustomStringConvertible {
        let path: String
        let cause: String
        var isMissing = false

        var description: String { "\(path): \(cause)" }
    }

    /// - Parameter limit: in bytes; a longer file is an error, not cut.
    static func read(_ path: String, limit: Int) throws(Failure) -> [UInt8] {
        let content: [UInt8]?
        do {
            let descriptor = try FileDescriptor.open(FilePath(path), .readOnly, options: [.closeOnExec])
            content = try descriptor.closeAfter { try read(descriptor, limit: limit) }
        } catch {
            let number = error as? Errno
            throw Failure(
                path: path, cause: number.map { "\($0)" } ?? "cannot be read",
                isMissing: number == .noSuchFileOrDirectory)
        }
        guard let content else { throw Failure(path: path, cause: "longer than \(limit) bytes") }
        return content
    }

    private static func read(_ descriptor: FileDescriptor, limit: Int) throws -> [UInt8]? {
        var content: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65536)
        while content.count <= limit {
            let count = try chunk.withUnsafeMutableBytes { try descriptor.read(into: $0) }
            if count == 0 { return content }
            content.append(contentsOf: chunk[..<count])
        }
        return nil
    }
}

extension String {
    /// Without the ASCII white space at both ends.
    var trimmedASCII: String {
        let bytes = utf8
        guard let first = bytes.firstIndex(where: { $0 > 0x20 }), let last = bytes.lastIndex(where: { $0 > 0x20 })
        else { return "" }
        return String(self[first...last])
    }
}
