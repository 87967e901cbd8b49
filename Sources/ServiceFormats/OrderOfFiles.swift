import SourceText

extension Sequence {
    /// In the order of what they are about: file by file, as the files first occur (`first` before them all), and in a
    /// file by its lines. What has no place comes at the end, what is about the same place stays in its order.
    func inOrderOfFiles(_ span: (Element) -> SourceSpan?, first: String? = nil) -> [Element] {
        var files: [String: Int] = [:]
        if let first { files[first] = 0 }
        let places = enumerated().map { index, element -> (place: (Int, Int, Int), element: Element) in
            guard let span = span(element) else { return ((Int.max, 0, index), element) }
            let file = files[span.file] ?? files.count
            files[span.file] = file
            return ((file, span.start.offset, index), element)
        }
        return places.sorted { $0.place < $1.place }.map(\.element)
    }
}
