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
          upgrade                          put a new svinstall in the daemon's place; programs never notice
          ctl [WORDS…]                     every word of supervisorctl; without any, the interactive shell
        boot
          agent install                    start it now and after every reboot (root: for the whole machine)
          agent status                     whether that still holds; what mends each broken link
          agent uninstall                  take back what was installed; configuration and logs stay
          agent print                      the hook's file; `agent install --root DIR` puts it into an image
        files
          init                             write a configuration and make its directories
          check FILE…                      all problems, with file:line:column
          convert FORMAT FILE…             plist, supervisor, systemd, procfile: each into the others, every key accounted for
                                           written only: openrc, sysv, runit, s6, dinit, upstart, cron
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
