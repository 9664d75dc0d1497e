"""The site from the repository: which documents are its pages, and the pages that are made from the code."""
