"""The yearly rights statement (社会保险个人权益记录单): one page for each insured person with a personal account."""
