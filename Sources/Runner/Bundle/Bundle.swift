internal import LocalFiles
internal import TerraformState

/// A module with what it refers to by `../…`, as a gzip of a tar archive, cut in parts that each fit a Secret. The same files
/// make the same bytes, whenever and wherever they are read.
public struct Bundle: Sendable {
    /// What a Secret holds, in bytes.
    public static let partSize = 1 << 20
    /// More are a burden to a cluster, which keeps them in memory in many places.
    public static let maximumParts = 32
    /// Of all files together, in bytes.
    public static let maximumSize = 512 << 20
    /// The archive is compressed in pieces of so many bytes, so that it is never whole in memory.
    private static let pieceSize = 4 << 20

    /// At least one.
    public let parts: [[UInt8]]
    /// The module's path in the archive; empty where it is its root.
    public let module: String
    /// How many files are sent, links and folders not counted.
    public let fileCount: Int

    /// Reads the files. Blocks.
    ///
    /// - Parameters:
    ///   - module: the module's folder.
    ///   - root: bounds what is sent; nil for the git work tree around the module, or the module where there is none.
    /// - Throws: ``BundleError``, `FileError`.
    public init(module: String, root: String? = nil) throws {
        let tree = try BundleTree(module: module, root: root)
        var writer = BundleWriter(limit: Self.partSize * Self.maximumParts, pieceSize: Self.pieceSize)
        try Self.checkSize(of: tree)
        for entry in tree.entries { try Self.append(entry, of: tree, to: &writer) }
        guard let compressed = writer.finish() else { throw Self.tooLarge(tree, "compressed") }
        parts = stride(from: 0, to: compressed.count, by: Self.partSize).map {
            Array(compressed[$0..<min($0 + Self.partSize, compressed.count)])
        }
        self.module = tree.module
        fileCount = tree.entries.count { if case .file = $0.kind { true } else { false } }
    }

    private static func append(
        _ entry: BundleTree.Entry, of tree: BundleTree, to writer: inout BundleWriter
    ) throws {
        switch entry.kind {
        case .folder: writer.append(TarFormat.folder(entry.path))
        case .link(let target): writer.append(TarFormat.link(entry.path, to: target))
        case .file(let size, let isExecutable):
            writer.append(TarFormat.header(of: entry.path, size: size, modified: 0, isExecutable: isExecutable))
            let path = "\(tree.root == "/" ? "" : tree.root)/\(entry.path)"
            let file = try PositionedFile.open(reading: path)
            var position = 0
            while position < size {
                let chunk = try file.read(min(1 << 18, size - position), at: position)
                guard !chunk.isEmpty else { break }
                writer.append(chunk)
                position += chunk.count
            }
            guard position == size, try file.length() == size else {
                throw BundleError(.changed, "\(path) changed while it was read; try again")
            }
            writer.append(TarFormat.padding(after: size))
        }
        guard !writer.isTooLarge else { throw tooLarge(tree, "compressed") }
    }

    private static func checkSize(of tree: BundleTree) throws {
        let size = tree.entries.reduce(0) { $0 + $1.size }
        guard size <= maximumSize else { throw tooLarge(tree, "\(size >> 20) MiB") }
    }

    private static func tooLarge(_ tree: BundleTree, _ what: String) -> BundleError {
        let largest = tree.entries.sorted { $0.size > $1.size }.prefix(3).map { "\($0.path) (\($0.size >> 10) KiB)" }
        return BundleError(
            .tooLarge,
            "the module with what it refers to is too large to send (\(what)): up to \(maximumParts) MiB of gzip and "
                + "\(maximumSize >> 20) MiB of files; the largest of \(tree.root) are \(largest.joined(separator: ", ")); "
                + "name what is not needed in \(IgnoreRules.fileName)")
    }
}

extension BundleTree.Entry {
    fileprivate var size: Int { if case .file(let size, _) = kind { size } else { 0 } }
}

/// Compresses an archive as it is written: one gzip member after the other, which are read as one.
private struct BundleWriter {
    /// Of the result, in bytes.
    let limit: Int
    let pieceSize: Int
    private var piece: [UInt8] = []
    private var compressed: [UInt8] = []

    init(limit: Int, pieceSize: Int) {
        self.limit = limit
        self.pieceSize = pieceSize
    }

    var isTooLarge: Bool { compressed.count > limit }

    mutating func append(_ bytes: [UInt8]) {
        piece += bytes
        if piece.count >= pieceSize { flush() }
    }

    private mutating func flush() {
        compressed += Gzip.compress(piece)
        piece.removeAll(keepingCapacity: true)
    }

    /// - Returns: nil where it is too large.
    mutating func finish() -> [UInt8]? {
        piece += TarFormat.end
        flush()
        return isTooLarge ? nil : compressed
    }
}
