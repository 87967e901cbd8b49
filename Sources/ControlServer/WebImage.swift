import XMLRPC

/// The web interface's small pictures, at the addresses where supervisord 4.3 has its own; the art is ours.
enum WebImage: String, CaseIterable, Sendable {
    case icon = "images/icon.png"
    case rule = "images/rule.gif"
    case mark = "images/supervisor.gif"
    case stopped = "images/state0.gif"
    case running = "images/state1.gif"
    case changing = "images/state2.gif"
    case failed = "images/state3.gif"

    var type: String { self == .icon ? "image/png" : "image/gif" }

    var bytes: [UInt8] { RPCBase64.decode(text) ?? [] }

    /// base64.
    private var text: String {
        switch self {
        case .icon:
            """
            iVBORw0KGgoAAAANSUhEUgAAACAAAAAgCAYAAABzenr0AAABoElEQVR42sXSz07UUBgF8O89HJwKIuIrQCb4JBYUBOWv4J+R\
            xJjgvsqjEDS6/JZd9RWaDEtIlyyP30naSTPcO5m/t01+m+b2nJP0yqNXKk1yvYxMYjKDGcnKzOjBgFasdbEpDOakKDv6ndLa\
            1EpsEEhc9crCllJkCoNAirLTBrxWSgwCY6fI4zdKmUFg7LQB20poiEh7Rwkua90UyVU+FWb48tkt7bdKcOnd3mPahxm+fHZL\
            tKsEl1kN8OWze+iA9fMUP6/zqTBj6IAne0poiA14p4SGiCy+V4JL55v9gt/5yHjel+VhA/aV4NK7G+8S8rwvy0Nk6UAJLjdj\
            DuB5X5aHDThUgkvne4pff/KR8bwvy0Pk6ZESGmIDjpXQEJHlEyW4bFykuPybT4Tf+nJrhg8Y9xIOXsiRBjz7oASXaQf4cmts\
            wKkSXF7+sF/wL58Iv/Xl1oisnCmhITbgo1JmEBg7RZ5/UkoMAmOnDfisFJnCIJCi7BRZ/aKV2CCQuOqV1a7WxaYwmJOi7Oh3\
            youvOigyickMZiQrM6PBPteAoP4DFa16DtGV2k4AAAAASUVORK5CYII=
            """
        case .rule:
            """
            R0lGODlhQQACAPAAAOLm7v///ywAAAAAQQACAAACDYSPqcvtHqKctNqLcy4AOw==
            """
        case .mark:
            """
            R0lGODlh8gAtAPMAAP///9/g4b7AxJ6hpn6BiV5iaz1CTh0jMCJpwUeCy2yb1pC04LXN6trm9f///wAAACH5BAEAAAAALAAA\
            AADyAC0AAAT/EMhJq7046827/2AojmQ5DgSBrGzrvkg6mHRt33iuYyrs/y7CbkgsGo+dAXDJRMyQ0Kh06lE2r74ndcvtErFg\
            mHdMLod64XTMzG671XCEe07fWuNhbX0fChACFgJCfGh4WINlBQVlgDoGBwcVAZCLe4WGTYhjBJCaW5wGOpCRFAKUfEAKqqus\
            ra4KQGacB55UBZACOaMVpgeVdT8NDsPExcbHDg0/Zr25XrcHzje7pad7PgrI2tuwYmYBjc+4upC81sAwCdvrxgk+HgLx8gLh\
            dQHz8hvQ0hn38/UVqE3o9YvODwUMEipcyLAhg27eNEwaRdGXhQF6MGCssLHUHwDQ/ygWtDCrIqSM/gQ8OjBgnoUAISlmnCBQ\
            AkFUmMJsGGDSpDSetDTM0gJUy0QDMUViWNnzXMmmB0JNANq0FoCaAG5eywlGA1VfihQxDQoAqNSlJyfMQtQLaicLTJGGTQoo\
            adNGT+UWYFoLq1Z0XK9ooAiwLEVno/hVK6f2rc2KBOaV1DT5QshFAcb2RHS4At+AjAeeMxhYcIZRhSXAhIR3NAVolB1npXi2\
            cVoJazMArbVPI1kLIUGTEm1xKwwG7Iox6Ho6NAZ6xA8UnhiNQu7HkGpTWPnrOoZ7lseNwOrX9RsY2ZIXW4BlsHkNK2vN0u69\
            berZxQGUVNyh93jnVwH4F/9pL6Sn3jDsmYZBSAbw5xuAAbJUQX1YLfZLW7Tct6B4G6TgYQrkCfgeGz8gd+By7QlVkQGRbTCK\
            HlSRJFtbGQxI3SgFDKDhBP7p5tZwEpSXH4GlLcHBU7TdN992stnGVoXEjZRZVRr0+JJdJglnzpBzFNlEBwJgKeFLiWEnnYy/\
            0fjcewRoll0GVloH2YclaWkhTl7G8kEAAyQ1E0iOzTISbjNCid2gHo2lHY8cLtYkTQAKiSiJeeopAoa1qFkmmk9CGKUHTxUW\
            J3YNYhAikPhNasZBDrW6UIKWijClp/EteQGFnh76QWUVjJpqc6hKiqcL6hx4DKzv9LOBmhNmFx//D4Xm+usEOwL6G6PVBTIi\
            dXZ+apwLBhpLDLIRoemgBDFekCW0aRo6bYCqAvBsr++1NdNX3er6rQvCiEuMO7HS+yihb95KkVUEd4rqnfg1qhpTM7VllUxy\
            UpTvu0QW+MrGqwAcsKNRzbXXKAbch+G5+kW7sLfWUiLywexW1MiNYbl58YBzXFIpCwirJibJG6y0aMUK1zjaV039OYGbiNy4\
            4qlbxkuGzjuv0SFUUuOHstYUjAjARJ7M2pPS1K5Yj9NvPaKd2pIM3MYdVbNANgUp4eMBOBzgTffWX5+LjzzVDiQRPuE46CB4\
            fAAQtwuJN+64DVTn2fPjlFeOweIrWK75K+a6LT4356A7DreXn4dueuKR4zH56aw3jkLqmRBQeuu012777bjnrvvmEQAAOw==
            """
        case .stopped:
            """
            R0lGODlhPQASAPIAAP///+jp7NDT2bi+xqGotIqSoXJ8jgAAACH5BAEAAAAALAAAAAA9ABIAAANpCLoQ/jDKSatjeInNu/9g\
            KH6ZEoxoqoIBdq5wLLaabN9b7Q2FYRQDnNCj+Ax8SENwOGx8eskfc+j4RJFTYdVz9WVx2w40WfjeWsbr0hwrGqFAtk0nzzJe\
            dSZtgc+fSwB+N4B3FoaHiCUJADs=
            """
        case .running:
            """
            R0lGODlhPQASAPIAAP///9jr47LXxovCqmSujj6acReGVQAAACH5BAEAAAAALAAAAAA9ABIAAANpCLoQ/jDKSatjeInNu/9g\
            KH6ZEoxoqoIBdq5wLLaabN9b7Q2FYRQDnNCj+Ax8SENwOGx8eskfc+j4RJFTYdVz9WVx2w40WfjeWsbr0hwrGqFAtk0nzzJe\
            dSZtgc+fSwB+N4B3FoaHiCUJADs=
            """
        case .changing:
            """
            R0lGODlhPQASAPIAAP////Lp1+XTr9i8iMqmYL2QOLB6EAAAACH5BAEAAAAALAAAAAA9ABIAAANpCLoQ/jDKSatjeInNu/9g\
            KH6ZEoxoqoIBdq5wLLaabN9b7Q2FYRQDnNCj+Ax8SENwOGx8eskfc+j4RJFTYdVz9WVx2w40WfjeWsbr0hwrGqFAtk0nzzJe\
            dSZtgc+fSwB+N4B3FoaHiCUJADs=
            """
        case .failed:
            """
            R0lGODlhPQASAPIAAP////Lc3ea4u9qVmc1yd8BOVbQrMwAAACH5BAEAAAAALAAAAAA9ABIAAANpCLoQ/jDKSatjeInNu/9g\
            KH6ZEoxoqoIBdq5wLLaabN9b7Q2FYRQDnNCj+Ax8SENwOGx8eskfc+j4RJFTYdVz9WVx2w40WfjeWsbr0hwrGqFAtk0nzzJe\
            dSZtgc+fSwB+N4B3FoaHiCUJADs=
            """
        }
    }
}
