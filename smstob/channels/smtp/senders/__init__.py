"""Is a mail from whom its From names: SPF, DKIM, DMARC. The only part that imports dkim, spf, dns, publicsuffixlist."""
