/// A file in a tar archive, and where it stands there.
public struct TarEntry: Sendable, Hashable {
    /// The path in the archive, as it is written there: whoever unpacks it has to see where it leads.
    public let name: String
    /// Whether it is a file, and no folder, link or device.
    public let isFile: Bool
    /// A folder.
    public let isFolder: Bool
    /// Where it leads; nil for what is no symbolic link.
    public let linkTarget: String?
    /// Whether its owner may execute it.
    public let isExecutable: Bool
    /// In bytes.
    public let size: Int
    /// A free text that programs pass over, of an extended header.
    public let comment: String?
    /// Everything of it in the archive: extended headers, header, content and what fills the last block.
    public let range: Range<Int>
    /// The position of its first byte.
    public let contentStart: Int
}

/// Why a file is not the tar archive that it should be, and from where on.
public struct TarError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong. More codes may come: switch over them with a default.
    public struct Code: Sendable, Hashable {
        private enum Kind { case notTar, damaged, truncated, trailingBytes }
        private let kind: Kind

        /// There is no header at its very start.
        public static let notTar = Code(kind: .notTar)
        /// There is no header where one should be.
        public static let damaged = Code(kind: .damaged)
        /// It ends before the end of the archive.
        public static let truncated = Code(kind: .truncated)
        /// Something follows the end of the archive.
        public static let trailingBytes = Code(kind: .trailingBytes)
    }

    /// What is wrong.
    public let code: Code
    /// In the file, in bytes.
    public let position: Int

    public var description: String {
        switch code {
        case .notTar: "this is no tar archive"
        case .damaged: "the tar archive is damaged at byte \(position)"
        case .truncated: "the tar archive is cut off at byte \(position)"
        default: "the tar archive ends, but something follows at byte \(position)"
        }
    }
}

/// What a tar archive holds, as far as it can be read.
public struct TarArchive: Sendable, Hashable {
    /// What can be read, in the archive's order, before ``fault``.
    public private(set) var entries: [TarEntry] = []
    /// A free text about the whole archive, of a global header at its start.
    public private(set) var comment: String?
    /// What is wrong with the archive after the last entry; nil where it ends as it should.
    public private(set) var fault: TarError?
    /// The position after the last whole entry, or after the global header.
    public private(set) var end = 0

    private static let largestExtension = 1 << 20

    /// Reads the headers. Blocks.
    public init(_ file: PositionedFile) throws(FileError) {
        let length = try file.length()
        do {
            while let entry = try Self.entry(in: file, from: end, length: length, archive: &self) {
                entries.append(entry)
                end = entry.range.upperBound
            }
        } catch let error as TarError {
            fault = error
        } catch let error as FileError {
            throw error
        } catch {
            preconditionFailure("reading throws these errors only")
        }
    }

    /// - Returns: nil at the end of the archive.
    private static func entry(
        in file: PositionedFile, from start: Int, length: Int, archive: inout TarArchive
    ) throws -> TarEntry? {
        var (position, start) = (start, start)
        var records = PaxRecords()
        while true {
            guard let header = try header(in: file, at: position, length: length) else { return nil }
            let contentStart = position + TarHeader.blockSize
            let isExtension = [TarHeader.Kind.extended, TarHeader.Kind.global, TarHeader.Kind.longName].contains(
                header.kind)
            let size = isExtension ? header.size : records[PaxRecords.size].flatMap { Int($0) } ?? header.size
            guard size >= 0, size <= length - contentStart else {
                throw TarError(code: .truncated, position: length)
            }
            let end = contentStart + TarFormat.wholeBlocks(size)
            guard end <= length else { throw TarError(code: .truncated, position: length) }
            guard isExtension else {
                let name = records[PaxRecords.path] ?? header.name
                return TarEntry(
                    name: name, isFile: header.kind == TarHeader.Kind.file && !name.hasSuffix("/"),
                    isFolder: header.kind == TarHeader.Kind.folder,
                    linkTarget: header.kind == TarHeader.Kind.link
                        ? records[PaxRecords.linkTarget] ?? header.linkTarget : nil,
                    isExecutable: header.mode & 0o100 != 0, size: size, comment: records[PaxRecords.comment],
                    range: start..<end, contentStart: contentStart)
            }
            guard size <= largestExtension else { throw TarError(code: .damaged, position: position) }
            let content = try file.read(size, at: contentStart)
            switch header.kind {
            case TarHeader.Kind.longName:
                records.values.append((PaxRecords.path, String(decoding: content.prefix { $0 != 0 }, as: UTF8.self)))
            default:
                guard let found = PaxRecords(content) else { throw TarError(code: .damaged, position: position) }
                if header.kind == TarHeader.Kind.extended {
                    records.values += found.values
                } else if archive.entries.isEmpty, position == start {
                    archive.comment = archive.comment ?? found[PaxRecords.comment]
                    archive.end = end
                    start = end
                }
            }
            position = end
        }
    }

    private static func header(in file: PositionedFile, at position: Int, length: Int) throws -> TarHeader? {
        let block = try file.read(TarHeader.blockSize, at: position)
        guard block.count == TarHeader.blockSize else {
            // What is shorter than any archive may as well be something else.
            if position == 0 { throw TarError(code: .notTar, position: 0) }
            throw TarError(code: .truncated, position: length)
        }
        if let header = TarHeader(block) { return header }
        guard block.allSatisfy({ $0 == 0 }), position > 0 else {
            throw TarError(code: position == 0 ? .notTar : .damaged, position: position)
        }
        try expectEnd(of: file, from: position + TarHeader.blockSize, length: length)
        return nil
    }

    /// Two blocks of zeros end an archive; programs add more of them to fill their tape blocks.
    private static func expectEnd(of file: PositionedFile, from position: Int, length: Int) throws {
        guard length - position >= TarHeader.blockSize else { throw TarError(code: .truncated, position: length) }
        var position = position
        while position < length {
            let chunk = try file.read(65536, at: position)
            if let other = chunk.firstIndex(where: { $0 != 0 }) {
                throw TarError(code: .trailingBytes, position: position + other)
            }
            guard !chunk.isEmpty else { return }
            position += chunk.count
        }
    }
}

/// What makes up a tar archive, for whoever writes one.
public enum TarFormat {
    /// The end of every archive.
    public static let end = [UInt8](repeating: 0, count: 2 * TarHeader.blockSize)

    /// A global header with a free text about the archive, to be written at its start.
    public static func beginning(comment: String) -> [UInt8] {
        extended(PaxRecords(values: [(PaxRecords.comment, comment)]), TarHeader.Kind.global, name: "pax_global_header")
    }

    /// All that stands before a file's content: its header, and an extended one where that does not suffice.
    ///
    /// - Parameters:
    ///   - modified: in seconds since 1970.
    ///   - comment: a free text that programs pass over.
    public static func header(
        of name: String, size: Int, modified: Int, comment: String? = nil, isExecutable: Bool = false
    ) -> [UInt8] {
        block(
            TarHeader(
                name: name, kind: TarHeader.Kind.file, size: size, modified: modified,
                mode: isExecutable ? 0o700 : 0o600), comment: comment)
    }

    /// A folder, as far as it is not told by what is in it.
    public static func folder(_ name: String) -> [UInt8] {
        block(TarHeader(name: "\(name)/", kind: TarHeader.Kind.folder, size: 0, modified: 0, mode: 0o700))
    }

    /// A symbolic link.
    public static func link(_ name: String, to target: String) -> [UInt8] {
        block(
            TarHeader(
                name: name, kind: TarHeader.Kind.link, size: 0, modified: 0, mode: 0o777, linkTarget: target))
    }

    private static func block(_ header: TarHeader, comment: String? = nil) -> [UInt8] {
        var records = PaxRecords()
        if header.name.utf8.count > TarHeader.longestName { records.values.append((PaxRecords.path, header.name)) }
        if header.size > TarHeader.largestSize { records.values.append((PaxRecords.size, "\(header.size)")) }
        if header.linkTarget.utf8.count > TarHeader.longestName {
            records.values.append((PaxRecords.linkTarget, header.linkTarget))
        }
        if let comment { records.values.append((PaxRecords.comment, comment)) }
        let before =
            records.values.isEmpty
            ? [] : extended(records, TarHeader.Kind.extended, name: "PaxHeaders/\(header.name)")
        return before + header.block
    }

    /// What fills a content's last block.
    public static func padding(after size: Int) -> [UInt8] {
        [UInt8](repeating: 0, count: wholeBlocks(size) - size)
    }

    static func wholeBlocks(_ size: Int) -> Int {
        (size + TarHeader.blockSize - 1) / TarHeader.blockSize * TarHeader.blockSize
    }

    private static func extended(_ records: PaxRecords, _ kind: UInt8, name: String) -> [UInt8] {
        let content = records.bytes
        let header = TarHeader(name: name, kind: kind, size: content.count, modified: 0)
        return header.block + content + padding(after: content.count)
    }
}
