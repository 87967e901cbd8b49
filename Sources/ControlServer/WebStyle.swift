/// What the pages look like: in light and in dark, on a desk and on a telephone. No font, no picture from elsewhere.
enum WebStyle {
    static let sheet = """
        :root{color-scheme:light dark;--ink:#1d2330;--soft:#5c6577;--line:#e1e5ed;--ground:#f5f6f9;--card:#fff;
        --link:#1a5cb8;--good:#0f6b43;--good-ground:#dff3e8;--bad:#a0222b;--bad-ground:#fbe4e5;--calm:#4c5566;
        --calm-ground:#e9ecf2;--busy:#8a5a00;--busy-ground:#fbefd5;--note-ground:#e6effc;--hover:#eef2f9}
        @media(prefers-color-scheme:dark){:root{--ink:#e2e6ee;--soft:#98a2b5;--line:#2b3240;--ground:#12151b;
        --card:#1a1f28;--link:#7fb2ff;--good:#76d7a6;--good-ground:#15352a;--bad:#ff9aa0;--bad-ground:#43191e;
        --calm:#b1bac9;--calm-ground:#282f3c;--busy:#f2c36b;--busy-ground:#3d2f12;--note-ground:#1b2c47;--hover:#242b38}}
        *{box-sizing:border-box}
        body{margin:0;background:var(--ground);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
        main,header,footer{max-width:75rem;margin:0 auto;padding:0 1.25rem}
        header{display:flex;flex-wrap:wrap;align-items:center;gap:.5rem 1rem;padding-top:1.5rem;padding-bottom:1rem}
        header img{display:block}h1{font-size:1.25rem;margin:0;overflow-wrap:anywhere}
        .counts{color:var(--soft);margin:0}.tools{margin-left:auto;display:flex;flex-wrap:wrap;gap:.5rem}
        a{color:var(--link);text-decoration:none}a:hover{text-decoration:underline}
        .button{display:inline-block;border:1px solid var(--line);border-radius:.45rem;background:var(--card);
        padding:.15rem .6rem;white-space:nowrap}
        .button:hover{background:var(--hover);text-decoration:none}
        a:focus-visible{outline:2px solid var(--link);outline-offset:2px;border-radius:.3rem}
        #message{background:var(--note-ground);border-radius:.6rem;margin:0 0 1rem;padding:.6rem 1rem;
        overflow-wrap:anywhere}
        .card{background:var(--card);border:1px solid var(--line);border-radius:.75rem;overflow:hidden}
        table{border-collapse:collapse;width:100%}
        th,td{padding:.55rem 1rem;text-align:left;vertical-align:middle}
        th{color:var(--soft);font-size:.8rem;font-weight:600;letter-spacing:.02em}
        td{border-top:1px solid var(--line)}tbody tr:hover{background:var(--hover)}
        .name{font-weight:600;overflow-wrap:break-word}
        .text{font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
        .actions{display:flex;flex-wrap:wrap;gap:.35rem}
        .state{display:inline-block;border-radius:1rem;font-size:.85rem;font-weight:600;padding:.05rem .7rem}
        .statusrunning{color:var(--good);background:var(--good-ground)}
        .statuserror{color:var(--bad);background:var(--bad-ground)}
        .statusnominal{color:var(--calm);background:var(--calm-ground)}
        .statusbusy{color:var(--busy);background:var(--busy-ground)}
        .empty{color:var(--soft);padding:2rem;text-align:center}
        pre{font:13px/1.5 ui-monospace,monospace;margin:0;min-height:6rem;overflow-wrap:anywhere;padding:1rem;
        white-space:pre-wrap}
        footer{color:var(--soft);font-size:.85rem;padding-bottom:2rem;padding-top:1rem}
        @media(min-width:70rem){.actions{flex-wrap:nowrap}}
        @media(max-width:46rem){thead{display:none}tr,td{display:block}td{border:0;padding:.15rem 1rem}
        tr{border-top:1px solid var(--line);padding:.6rem 0}.tools{margin-left:0}.actions{padding-top:.3rem}}
        """
}
