import CLibrary
import Commands

@main
struct Stowage {
    static func main() async {
        exit(await runStowage(Array(CommandLine.arguments.dropFirst())))
    }
}
