import Commands

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

@main
struct Stowage {
    static func main() async {
        exit(await runStowage(Array(CommandLine.arguments.dropFirst())))
    }
}
