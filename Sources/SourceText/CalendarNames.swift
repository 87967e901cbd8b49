/// Days and months in three English letters, as C's own locale, HTTP and mail have them.
package enum CalendarNames {
    /// The week begins with Sunday, as in C's `tm_wday`.
    package static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    /// January first.
    package static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
}
