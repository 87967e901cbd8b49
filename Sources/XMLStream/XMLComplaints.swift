import CLibXML2

/// What libxml2 complains about, in our words.
extension XMLEvents {
    func refuseEntity(_ name: String, at offset: Int) {
        refuse(
            "xml-entity", "entity &\(name.prefix(60)); is not defined",
            remedy: "write the character itself or its number, such as &#160;", at: max(0, offset - name.utf8.count - 2)
        )
    }

    /// Turns an error of libxml2 into the refusal; positions are where it stopped reading.
    func report(_ error: xmlError, in context: xmlParserCtxtPtr) {
        let offset = context.offset
        switch xmlParserErrors(UInt32(bitPattern: error.code)) {
        case XML_WAR_UNDECLARED_ENTITY, XML_ERR_UNDECLARED_ENTITY:
            refuseEntity(error.str1.map { String(cString: $0) } ?? "", at: offset)
        case XML_ERR_TAG_NAME_MISMATCH:
            let expected = error.str1.map { String(cString: $0) }?.prefix(60) ?? "?"
            refuse(
                "xml-mismatch", "</\(expected)> expected: the <\(expected)> of line \(error.int1) is still open",
                at: context.tagOffset)
        case XML_ERR_TAG_NOT_FINISHED:
            if context.isAtNUL { return refuseCharacter(at: offset) }
            let open = context.pointee.name.map { String(cString: $0) }?.prefix(60) ?? ""
            refuse("xml-truncated", "the document ends inside <\(open)>", remedy: "close the tag", at: offset)
        case XML_ERR_LT_IN_ATTRIBUTE, XML_ERR_NAME_REQUIRED:
            let previous = context.previousByte
            refuse(
                "xml-syntax", "a bare < or & that begins no tag or entity",
                remedy: "write &lt; for < and &amp; for & in texts",
                at: previous == UInt8(ascii: "<") || previous == UInt8(ascii: "&") ? offset - 1 : offset)
        case XML_ERR_STRING_NOT_STARTED, XML_ERR_ATTRIBUTE_NOT_STARTED, XML_ERR_LITERAL_NOT_STARTED:
            refuse(
                "xml-syntax", "a quote \" or ' is expected", remedy: "use straight quotes, not typographic ones",
                at: offset)
        case XML_ERR_MISPLACED_CDATA_END:
            refuse("xml-syntax", "]]> in a text", remedy: "write ]]&gt;", at: context.sectionEndOffset)
        case XML_ERR_INVALID_CHAR, XML_ERR_INVALID_CHARREF:
            refuseCharacter(at: offset)
        default:
            let text = error.message.map { String(cString: $0) } ?? "not well-formed"
            let first = text.split(separator: "\n").first.map(String.init) ?? text
            refuse("xml-syntax", "not well-formed XML: \(first.prefix(200))", at: offset)
        }
    }

    private func refuseCharacter(at offset: Int) {
        refuse("xml-character", "a character that XML 1.0 does not allow", remedy: "remove it", at: offset)
    }
}
