import CLibXML2

/// Where libxml2 is in the document.
extension xmlParserCtxtPtr {
    /// Bytes before the place that libxml2 has reached: behind the tag at an end tag, before its `>` at a start tag.
    var offset: Int {
        guard let input = pointee.input else { return 0 }
        return Int(input.pointee.consumed) + (input.pointee.cur - input.pointee.base)
    }

    /// The offset of the `<` of the tag whose event is being handled.
    var tagOffset: Int {
        guard let input = pointee.input, let base = input.pointee.base, var cursor = input.pointee.cur
        else { return 0 }
        // A raw `<` cannot stand inside a tag, so the nearest one opened it.
        repeat {
            guard cursor > base else { break }
            cursor -= 1
        } while cursor.pointee != UInt8(ascii: "<")
        return Int(input.pointee.consumed) + (cursor - base)
    }

    /// The byte before the place that libxml2 has reached, as far as it is still there.
    var previousByte: UInt8? {
        guard let input = pointee.input, let base = input.pointee.base, let cursor = input.pointee.cur,
            cursor > base
        else { return nil }
        return cursor[-1]
    }

    /// Whether a NUL byte is what libxml2 takes for the end of the document.
    var isAtNUL: Bool {
        guard let input = pointee.input, let cursor = input.pointee.cur, let end = input.pointee.end else {
            return false
        }
        return cursor < end && cursor.pointee == 0
    }

    /// The offset of the next `]]>`.
    var sectionEndOffset: Int {
        guard let input = pointee.input, var cursor = input.pointee.cur, let end = input.pointee.end
        else { return 0 }
        var place = offset
        while end - cursor > 3, !(cursor[0] == 0x5D && cursor[1] == 0x5D && cursor[2] == 0x3E) {
            cursor += 1
            place += 1
        }
        return place
    }
}
