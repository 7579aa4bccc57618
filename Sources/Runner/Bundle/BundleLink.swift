/// The rule for symbolic links of a bundle: wherever it is unpacked, none leads out of it.
enum BundleLink {
    /// Why a link is not allowed; nil where it is.
    ///
    /// A `..` after a name could follow another link first, so it stands at the beginning only, where the folders that it
    /// leaves are real ones.
    ///
    /// - Parameter path: of the link, from the root of the bundle.
    static func objection(to target: String, at path: String) -> String? {
        guard !target.hasPrefix("/") else { return "leads to an absolute path" }
        let names = target.split(separator: "/").filter { $0 != "." }
        let climbs = names.prefix { $0 == ".." }.count
        let depth = path.split(separator: "/").count - 1
        guard climbs <= depth else { return "leads out of the bundle" }
        guard !names.dropFirst(climbs).contains("..") else { return "has a '..' after a name" }
        return names.isEmpty ? "leads nowhere" : nil
    }
}
