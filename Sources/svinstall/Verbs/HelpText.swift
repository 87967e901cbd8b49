/// The first screen: four groups, what exists and nothing else.
enum HelpText {
    static let overview = """
        svinstall: run programs in the background, at boot, and again when they die.

        usage: svinstall VERB …            svinstall help VERB says more

        daily
          status [NAME…]                   what runs; says when a definition changed on disk
          start | stop | restart NAME…     control programs; `restart --update NAME` applies a changed definition
          tail [-f] NAME [stderr]          the last lines of a program's output
        engine
          run [-c CONF] [FILE…]            supervise in the foreground (--daemon: in the background)
                                           FILE: supervisor config, launchd plist, systemd unit or Procfile
          update [--plan] [GROUP…]         apply the configuration on disk; --plan only shows what would happen
          ctl [WORDS…]                     every word of supervisorctl; without any, the interactive shell
        boot
          agent print                      the boot hook: a launchd plist or a systemd unit
          upgrade                          replace the daemon's program without stopping anything
          agent install --root DIR         put the hook into a tree, for images
        files
          init                             write a configuration and make its directories
          check FILE…                      all problems, with file:line:column
          convert FORMAT FILE…             plist, supervisor, systemd: each into the others, every key accounted for
          plist lint | convert | print     property lists alone

        Without -c: $SVINSTALL_CONF, your own svinstall.conf, supervisord's files in /etc, the built-in default.
        Called as supervisord, supervisorctl or echo_supervisord_conf, it is that program.
        """

    /// Verbs that are promised and not there yet.
    static let planned = [
        "up", "down", "new", "logs", "why", "explain", "top", "enable", "disable", "doctor", "import",
        "refresh",
    ]
}
