@main
struct Stowage { static func main() async {} }
